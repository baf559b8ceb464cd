import { open } from "node:fs/promises";

/** The last lines of a log, at most `count` of its last 64 kB, without ends of escape sequences; none where there is no file. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  const file = await open(path, "r").catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, 64 << 10));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const lines = buffer
      .toString("utf8")
      .split(/[\r\n]+/)
      .map((line) => line.trimEnd());
    return lines.filter((line) => line !== "").slice(-count);
  } finally {
    await file.close();
  }
}
