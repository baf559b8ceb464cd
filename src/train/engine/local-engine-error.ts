import { CermError } from "../../core/errors.ts";

/** Why the local training engine could not be started, or does not run. */
export type LocalEngineErrorCode =
  /** SkyRL does not run on this system. */
  | "unsupported-system"
  /** uv is not here and could not be installed. */
  | "no-uv"
  /** No Python that SkyRL runs on, and none could be downloaded. */
  | "no-python"
  /** The Python packages could not be installed. */
  | "install-failed"
  /** The base model is of a family that the engine does not know, or its files are not what they should be. */
  | "bad-base-model"
  /** A GGUF file could not be converted. */
  | "conversion-failed"
  /** Another engine runs already. */
  | "engine-running"
  /** The engine ended, or did not become ready. */
  | "engine-died";

/** The local training engine could not be started. The message says what to do. */
export class LocalEngineError extends CermError {
  override name = "LocalEngineError";
  declare readonly code: LocalEngineErrorCode;

  constructor(code: LocalEngineErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(code, message, options);
  }
}
