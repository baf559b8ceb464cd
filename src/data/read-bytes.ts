import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import { InputError } from "../core/errors.ts";
import { gunzip } from "./gunzip.ts";

/** Where rows come from: a path, `"-"` for standard input, or a stream of bytes. */
export type Source = string | Readable;

export interface ReadBytesOptions {
  /** Name of a stream in errors and default ids. Default: the path, or `stdin`. */
  name?: string;
  /** What `"-"` reads. Default: the process's standard input. */
  stdin?: Readable;
  /** Rejects with the signal's reason. */
  signal?: AbortSignal;
}

// Fewer, larger reads than the default of 64 KiB: a file is read a tenth faster.
const chunkBytes = 256 * 1024;

/** What errors call the source: the path as given, the name option, or `stdin`. */
export function nameOfSource(source: Source, options: { name?: string } = {}): string {
  return options.name ?? (typeof source === "string" && source !== "-" ? source : "stdin");
}

/**
 * The source's bytes, inflated where they begin like gzip. Throws `InputError` for a file that cannot be read and
 * `GzipError` for a damaged one.
 */
export async function* readBytes(source: Source, options: ReadBytesOptions = {}): AsyncGenerator<Buffer> {
  const { signal } = options;
  signal?.throwIfAborted();
  const name = nameOfSource(source, options);
  try {
    const stream =
      typeof source !== "string"
        ? source
        : source === "-"
          ? (options.stdin ?? process.stdin)
          : createReadStream(source, { highWaterMark: chunkBytes });
    if (signal !== undefined) addAbortSignal(signal, stream);
    const { head, rest } = await readHead(buffers(stream));
    const chunks = prepend(head, rest);
    if (head[0] === 0x1f && head[1] === 0x8b) yield* gunzip(chunks);
    else if (name.toLowerCase().endsWith(".gz") && head.length > 0) {
      throw new InputError("is named .gz and is not gzip; rename it or compress it", { file: name });
    } else yield* chunks;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw fileError(error, name);
  }
}

async function* buffers(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream as AsyncIterable<string | Uint8Array>) {
    if (typeof chunk === "string") yield Buffer.from(chunk);
    else yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
}

/** Reads until there are two bytes (what tells gzip) or the end. */
async function readHead(chunks: AsyncGenerator<Buffer>): Promise<{ head: Buffer; rest: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return { head, rest: chunks };
}

async function* prepend(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file; check the path",
  EACCES: "the file may not be read; check its permissions",
  EPERM: "the file may not be read; check its permissions",
  EISDIR: "is a folder; name a file in it",
};

/** A file system error as an `InputError` that names the file; anything else as it is. */
export function fileError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof InputError || typeof code !== "string" || !/^E[A-Z]+$/.test(code)) return error;
  return new InputError(reasons[code] ?? `cannot be read (${(error as Error).message})`, { file });
}
