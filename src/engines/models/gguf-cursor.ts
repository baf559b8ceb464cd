import type { FileHandle } from "node:fs/promises";
import { ModelError } from "./model-error.ts";

const windowBytes = 1 << 20;
/** The longest text there is, a chat template, has some 10 kB; a damaged length must not take the memory. */
const maxTextBytes = 16 << 20;

/** Reads little-endian values from a file, front to back, through a window of one MiB. */
export class GgufCursor {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #path: string;
  #window = Buffer.alloc(0);
  /** Offset of the window in the file, and of the next byte in the window. */
  #start = 0;
  #next = 0;

  constructor(file: FileHandle, path: string, size: number) {
    this.#file = file;
    this.#path = path;
    this.size = size;
  }

  /** Offset of the next byte in the file. */
  get offset(): number {
    return this.#start + this.#next;
  }

  async u32(): Promise<number> {
    if (this.#left < 4) await this.#fill(4);
    const value = this.#window.readUInt32LE(this.#next);
    this.#next += 4;
    return value;
  }

  /** An unsigned 64-bit value. One beyond 2^53 cannot be a length or a count of this file, so the file is damaged. */
  async u64(): Promise<number> {
    if (this.#left < 8) await this.#fill(8);
    const value = Number(this.#window.readBigUInt64LE(this.#next));
    if (!Number.isSafeInteger(value)) throw this.damaged(`got the number ${value}`);
    this.#next += 8;
    return value;
  }

  async bytes(count: number): Promise<Buffer> {
    if (this.#left < count) await this.#fill(count);
    const slice = Buffer.from(this.#window.subarray(this.#next, this.#next + count));
    this.#next += count;
    return slice;
  }

  async text(): Promise<string> {
    const length = await this.u64();
    if (length > maxTextBytes) throw this.damaged(`a text of ${length} bytes`);
    return (await this.bytes(length)).toString("utf8");
  }

  async skip(count: number): Promise<void> {
    if (count <= this.#left) {
      this.#next += count;
      return;
    }
    if (count > this.size - this.offset) throw this.damaged(`the next ${count} bytes reach beyond its end`);
    this.#start = this.offset + count;
    this.#next = 0;
    this.#window = Buffer.alloc(0);
  }

  /** The error for a file whose header makes no sense at the present place. */
  damaged(what: string): ModelError {
    return new ModelError(
      "not-gguf",
      `${this.#path}: damaged or cut off: at byte ${this.offset} of ${this.size}, ${what}. Get the file again`,
    );
  }

  get #left(): number {
    return this.#window.length - this.#next;
  }

  async #fill(count: number): Promise<void> {
    const from = this.offset;
    if (count > this.size - from) throw this.damaged(`the next ${count} bytes reach beyond its end`);
    const buffer = Buffer.alloc(Math.min(Math.max(count, windowBytes), this.size - from));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(buffer, filled, buffer.length - filled, from + filled);
      if (bytesRead === 0) throw this.damaged("it ended while it was read");
      filled += bytesRead;
    }
    this.#window = buffer;
    this.#start = from;
    this.#next = 0;
  }
}
