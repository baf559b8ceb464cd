import { CermError } from "../core/errors.ts";

/** What kind of failure it was: the end of `TinkerError.code` after `tinker-`. */
export type TinkerFault =
  /** No connection, or the server is too busy or failing; the call was not taken. */
  | "unavailable"
  /** The server says the request is wrong: a loss it lacks, a bad name, no permission. */
  | "refused"
  /** The call may or may not have taken effect: its answer never came. */
  | "lost-answer"
  /** The server knows the model, session or request no more: it was restarted, or dropped an idle session. */
  | "forgotten"
  /** The server took the request and failed at it. */
  | "failed"
  /** NaN or infinity in what the server computed. */
  | "not-finite"
  /** The answer does not have the form or the size it must have. */
  | "bad-answer"
  /** Not sent, or not to be trusted, because an earlier call of the same trainer failed. */
  | "broken-off"
  /** A result did not come within the limit. */
  | "timeout"
  | "closed";

export interface TinkerErrorOptions {
  retryable?: boolean;
  resumable?: boolean;
  status?: number;
  detail?: string;
  cause?: unknown;
}

/** A call to a Tinker server that did not do what it was to do. */
export class TinkerError extends CermError {
  override name = "TinkerError";
  readonly fault: TinkerFault;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;
  /** What the server said, where it said something. */
  readonly detail: string | undefined;
  /** The same call may succeed later and has not taken effect. */
  readonly retryable: boolean;
  /** The model's state on the server is gone or not known: go on with a new model, loaded from the last checkpoint. */
  readonly resumable: boolean;

  constructor(fault: TinkerFault, message: string, options: TinkerErrorOptions = {}) {
    super(`tinker-${fault}`, message, { cause: options.cause });
    this.fault = fault;
    this.status = options.status;
    this.detail = options.detail;
    this.retryable = options.retryable ?? false;
    this.resumable = options.resumable ?? false;
  }
}
