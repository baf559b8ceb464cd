import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { splitLines } from "./split-lines.ts";

/**
 * Takes results out of a results file, so that they are made again. The file is replaced as a whole or not at all.
 * Returns how many were taken out. Lines that are no JSON objects stay; whoever opens the file deals with them.
 */
export async function dropResults(
  path: string,
  isDropped: (result: Record<string, unknown>) => boolean,
  options: { signal?: AbortSignal } = {},
): Promise<number> {
  const draft = `${path}.tmp`;
  let dropped = 0;
  try {
    const file = await open(draft, "w");
    try {
      const chunks = createReadStream(path, { signal: options.signal }) as AsyncIterable<Buffer>;
      for await (const { bytes } of splitLines(chunks, { maxBytes: Number.POSITIVE_INFINITY })) {
        const result = parseObject(bytes!);
        if (result !== undefined && isDropped(result)) dropped++;
        else await file.write(Buffer.concat([bytes!, Buffer.from("\n")]));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (dropped > 0) await rename(draft, path);
    return dropped;
  } finally {
    await rm(draft, { force: true });
  }
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
