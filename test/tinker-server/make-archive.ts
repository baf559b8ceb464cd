import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { type Header, pack } from "tar-stream";

/** A tar.gz of files by name, or of entries with any header. */
export async function makeArchive(
  files: Record<string, string> | { header: Partial<Header> & { name: string }; content?: string }[],
): Promise<Uint8Array> {
  const entries = Array.isArray(files)
    ? files
    : Object.entries(files).map(([name, content]) => ({ header: { name }, content }));
  const archive = pack();
  for (const { header, content = "" } of entries) archive.entry(header, content);
  archive.finalize();
  return gzipSync(await buffer(archive));
}
