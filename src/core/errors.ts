/**
 * The family of errors a user can act on. Each says what was wrong, where, what was got and what to do; anything else
 * that is thrown is a bug.
 */
export class CermError extends Error {
  override name = "CermError";
  /** A stable word for programs, e.g. `"bad-input"`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The user's input, file or option is wrong. Commands exit with 2. */
export class InputError extends CermError {
  override name = "InputError";
  readonly where: { file?: string; line?: number; field?: string };

  constructor(message: string, where: { file?: string; line?: number; field?: string } = {}) {
    const place = [where.file, where.line === undefined ? undefined : `line ${where.line}`, where.field]
      .filter((part) => part !== undefined)
      .join(", ");
    super("bad-input", place === "" ? message : `${place}: ${message}`);
    this.where = where;
  }
}

/** An engine could not give a generation. `retryable` says whether the same request may succeed later. */
export class EngineError extends CermError {
  override name = "EngineError";
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, options: { retryable: boolean; status?: number; code?: string; cause?: unknown }) {
    super(options.code ?? "engine-error", message, { cause: options.cause });
    this.retryable = options.retryable;
    this.status = options.status;
  }
}

/** The prompt and the answer's limit do not fit the model's context; nothing was cut. Lengths are in tokens. */
export class ContextOverflowError extends EngineError {
  override name = "ContextOverflowError";
  readonly promptTokens: number | undefined;
  readonly contextTokens: number | undefined;

  constructor(message: string, lengths: { promptTokens?: number; contextTokens?: number } = {}) {
    super(message, { retryable: false, code: "context-overflow" });
    this.promptTokens = lengths.promptTokens;
    this.contextTokens = lengths.contextTokens;
  }
}
