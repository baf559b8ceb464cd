import { once } from "node:events";
import { createGunzip } from "node:zlib";

// A small step bounds what a hostile stream can inflate to at once: deflate expands at most 1,032 times.
const stepBytes = 16 * 1024;

/** The stream of a gzip file broke off or is damaged. Everything before the damage was delivered. */
export class GzipError extends Error {
  override name = "GzipError";
  readonly truncated: boolean;

  constructor(truncated: boolean, cause: Error) {
    super(truncated ? "the gzip data ends early" : `the gzip data is damaged (${cause.message})`, { cause });
    this.truncated = truncated;
  }
}

/**
 * Inflates gzip. Unlike a plain pipe, delivers all bytes that come before a truncation or damage, then throws
 * `GzipError`.
 */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const inflate = createGunzip();
  const ready: Buffer[] = [];
  let failure: (Error & { code?: string }) | undefined;
  inflate.on("data", (data: Buffer) => ready.push(data));
  inflate.on("error", (error) => {
    failure = error;
  });
  const step = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      inflate.once("close", resolve);
      inflate.write(bytes, () => {
        inflate.off("close", resolve);
        resolve();
      });
    });
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && failure === undefined; at += stepBytes) {
        await step(chunk.subarray(at, at + stepBytes));
        yield* ready.splice(0);
      }
      if (failure !== undefined) break;
    }
    if (failure === undefined) {
      const closed = once(inflate, "close").catch(() => undefined);
      inflate.end();
      await closed;
    }
    yield* ready.splice(0);
  } finally {
    inflate.destroy();
  }
  if (failure !== undefined) throw new GzipError(failure.code === "Z_BUF_ERROR", failure);
}
