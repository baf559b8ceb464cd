import { CermError } from "../core/errors.ts";

/** The part of an open file that appending needs (`FileHandle` of node:fs/promises has it). */
export interface AppendHandle {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Appends lines one after the other, each with one write, and makes them survive a power cut every `syncMilliseconds`
 * and on close (a killed process loses nothing that was written). After a failed write the file is cut back to its last
 * whole line and every later append fails with the same error.
 */
export class AppendFile {
  #path: string;
  #handle: AppendHandle;
  #size: number;
  #syncMilliseconds: number;
  #queue: Promise<void> = Promise.resolve();
  #failure: CermError | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `size` is where the file ends. */
  constructor(path: string, handle: AppendHandle, options: { size: number; syncMilliseconds: number }) {
    this.#path = path;
    this.#handle = handle;
    this.#size = options.size;
    this.#syncMilliseconds = options.syncMilliseconds;
  }

  /** Resolves when the line is in the file. `line` has no line end. */
  append(line: string): Promise<void> {
    return this.#enqueue(async () => {
      const bytes = Buffer.from(`${line}\n`);
      try {
        // A full disk can accept a part; the rest is tried, so that the error is the system's own.
        for (let written = 0; written < bytes.length; ) {
          const { bytesWritten } = await this.#handle.write(
            bytes,
            written,
            bytes.length - written,
            this.#size + written,
          );
          written += bytesWritten;
        }
      } catch (error) {
        await this.#handle.truncate(this.#size).catch(() => undefined);
        throw error;
      }
      this.#size += bytes.length;
      if (this.#syncMilliseconds === 0) await this.#handle.datasync();
      else this.#timer ??= setTimeout(() => this.#syncLater(), this.#syncMilliseconds).unref();
    });
  }

  /** Waits for the appends before it, makes them durable and closes the file. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.#enqueue(() => this.#handle.datasync());
    } finally {
      await this.#handle.close();
    }
  }

  #syncLater(): void {
    this.#timer = undefined;
    // A failure is kept and meets the next append.
    this.#enqueue(() => this.#handle.datasync()).catch(() => undefined);
  }

  #enqueue(action: () => Promise<void>): Promise<void> {
    const run = this.#queue.then(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await action();
      } catch (error) {
        this.#failure = outputError(this.#path, error);
        throw this.#failure;
      }
    });
    this.#queue = run.catch(() => undefined);
    return run;
  }
}

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is used up; free some space",
  EFBIG: "the file is larger than the file system or the process's limit allows",
  EPIPE: "what reads the output was closed",
  EROFS: "the file system is read-only; choose another place",
  EACCES: "the file may not be written; check its permissions or choose another place",
  EPERM: "the file may not be written; check its permissions or choose another place",
  EIO: "the disk reports an error",
};

/** A file system error of writing as a `CermError` with code `output-failed`. */
export function outputError(path: string, error: unknown): CermError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const reason = reasons[code] ?? message;
  return new CermError(
    "output-failed",
    `${path}: the results cannot be written: ${reason}. The lines written so far are kept; the same command continues after them`,
    {
      cause: error,
    },
  );
}
