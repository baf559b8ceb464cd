import { rename, writeFile } from "node:fs/promises";

/** Writes a file beside its place and moves it there: a reader of the old one never sees half of the new one. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.tmp`, content);
  await rename(`${path}.tmp`, path);
}
