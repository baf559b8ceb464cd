import { EngineError } from "../core/errors.ts";
import { TinkerError } from "../tinker/tinker-error.ts";

/** Whether training can go on from the last checkpoint after this: the server was lost, not wrong. */
export function isResumable(error: unknown): boolean {
  if (error instanceof TinkerError) return error.resumable || error.retryable;
  return error instanceof EngineError && error.retryable;
}
