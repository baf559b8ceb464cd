import { closeSync, openSync, readSync } from "node:fs";
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** The texts of a row. `messages` is the conversation as JSON. */
export interface RowTexts {
  messages: string[];
  chosen: string[];
  rejected: string[];
}

/** Where rows' texts are, for all threads. */
export interface SharedTexts {
  file: string;
  /** Where each row's record begins, and where the last one ends: one more than there are rows. In shared memory. */
  offsets: Float64Array;
}

const [textsName, offsetsName] = ["texts.bin", "texts.offsets"];

/** Bytes gathered before they are written. */
const flushBytes = 4 << 20;
/** Lengths in bytes of a record's three texts stand before them. */
const headBytes = 12;

/**
 * Writes rows' texts to a file beside the database, from which threads read them by themselves: handing a million texts
 * from the database to other threads costs more than what they do with them.
 */
export class TextWriter implements AsyncDisposable {
  readonly #directory: string;
  readonly #file: FileHandle;
  readonly #offsets: number[] = [0];
  #buffer = Buffer.allocUnsafe(2 * flushBytes);
  #used = 0;
  #written = 0;

  private constructor(directory: string, file: FileHandle) {
    this.#directory = directory;
    this.#file = file;
  }

  /** Begins a new file in a run's folder. */
  static async open(directory: string): Promise<TextWriter> {
    return new TextWriter(directory, await open(join(directory, textsName), "w"));
  }

  /** Appends a row. */
  async append(texts: readonly [messages: string, chosen: string, rejected: string]): Promise<void> {
    const most = headBytes + 3 * (texts[0].length + texts[1].length + texts[2].length);
    if (this.#used + most > this.#buffer.length) await this.#flush(most);
    let at = this.#used + headBytes;
    for (const [index, text] of texts.entries()) {
      const bytes = this.#buffer.write(text, at);
      this.#buffer.writeUInt32LE(bytes, this.#used + 4 * index);
      at += bytes;
    }
    this.#used = at;
    this.#offsets.push(this.#written + at);
    if (this.#used >= flushBytes) await this.#flush(0);
  }

  /** Makes the file whole; before it is closed, its rows must not be counted on. */
  async close(): Promise<void> {
    await this.#flush(0);
    await this.#file.datasync();
    await this.#file.close();
    const offsets = await open(join(this.#directory, offsetsName), "w");
    await offsets.writeFile(Buffer.from(Float64Array.from(this.#offsets).buffer));
    await offsets.datasync();
    await offsets.close();
  }

  /** Lets go of the file; one that was not closed before is not whole. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #flush(room: number): Promise<void> {
    await this.#file.writeFile(this.#buffer.subarray(0, this.#used));
    this.#written += this.#used;
    this.#used = 0;
    if (room > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(room);
  }
}

/** The texts of a run, for all threads. */
export async function shareTexts(directory: string): Promise<SharedTexts> {
  const bytes = await readFile(join(directory, offsetsName));
  const offsets = new Float64Array(new SharedArrayBuffer(bytes.length));
  Buffer.from(offsets.buffer).set(bytes);
  return { file: join(directory, textsName), offsets };
}

/** Removes the texts of a run that is done. */
export async function removeTexts(directory: string): Promise<void> {
  for (const name of [textsName, offsetsName]) await rm(join(directory, name), { force: true });
}

/** A function that reads the texts of rows by their numbers, ascending: rows that stand together with one read. */
export function openTexts({ file, offsets }: SharedTexts): ((numbers: ArrayLike<number>) => RowTexts) & Disposable {
  const descriptor = openSync(file, "r");
  let buffer = Buffer.allocUnsafe(1 << 20);
  const readRun = (from: number, to: number) => {
    const [start, end] = [offsets[from]!, offsets[to + 1]!];
    if (end - start > buffer.length) buffer = Buffer.allocUnsafe(2 * (end - start));
    for (let done = 0; done < end - start; ) {
      const count = readSync(descriptor, buffer, done, end - start - done, start + done);
      if (count === 0) throw new Error(`${file} ends before row ${to}: delete the run's folder and begin anew`);
      done += count;
    }
    return start;
  };
  const read = (numbers: ArrayLike<number>): RowTexts => {
    const texts: RowTexts = { messages: [], chosen: [], rejected: [] };
    for (let at = 0; at < numbers.length; ) {
      let to = at;
      // Rows in between that are no longer wanted are read along where they are few.
      while (to + 1 < numbers.length && nearBy(numbers[to]!, numbers[to + 1]!)) to++;
      const start = readRun(numbers[at]!, numbers[to]!);
      for (; at <= to; at++) {
        const record = offsets[numbers[at]!]! - start;
        const lengths = [0, 4, 8].map((place) => buffer.readUInt32LE(record + place)) as [number, number, number];
        const [first, second, third] = [
          record + headBytes,
          record + headBytes + lengths[0],
          record + headBytes + lengths[0] + lengths[1],
        ];
        texts.messages.push(buffer.toString("utf8", first, second));
        texts.chosen.push(buffer.toString("utf8", second, third));
        texts.rejected.push(buffer.toString("utf8", third, third + lengths[2]));
      }
    }
    return texts;
  };
  return Object.assign(read, { [Symbol.dispose]: () => closeSync(descriptor) });
}

function nearBy(row: number, next: number): boolean {
  return next > row && next - row <= 8;
}
