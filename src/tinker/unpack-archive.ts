import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { TinkerError } from "./tinker-error.ts";

/** Upper bound of what one archive may unpack to, in bytes and in files. */
export interface ArchiveLimits {
  bytes: number;
  files: number;
}

const defaultLimits: ArchiveLimits = { bytes: 64 * 1024 ** 3, files: 10_000 };

/**
 * Unpacks a tar.gz into a folder that is there and empty. Only plain files and folders are taken, and only below the folder:
 * links, devices, absolute paths and `..` throw a `TinkerError`, as does an archive that is cut off, not gzip, or too large.
 */
export async function unpackArchive(archive: Readable, folder: string, limits = defaultLimits): Promise<void> {
  const unpacked = extract();
  let [bytes, files] = [0, 0];
  const refuse = (problem: string) => new TinkerError("bad-answer", `the archive of weights ${problem}`);
  const reading = (async () => {
    for await (const entry of unpacked) {
      const { name, type, size } = entry.header;
      const path = resolve(folder, name);
      if (type === "directory") {
        // Never made by its entry: a file makes the folders it lies in. SkyRL's archives begin with one called "/".
        entry.resume();
        continue;
      }
      if (type !== "file" && type !== "contiguous-file")
        throw refuse(`holds "${name}", a ${type}; only files are taken`);
      if (!isBelow(folder, path)) throw refuse(`holds "${name}", which lies outside of the folder`);
      bytes += size ?? 0;
      files += 1;
      if (bytes > limits.bytes || files > limits.files) {
        throw refuse(`unpacks to more than ${limits.bytes} bytes or ${limits.files} files`);
      }
      await mkdir(dirname(path), { recursive: true });
      // Never over what an earlier entry wrote.
      await pipeline(entry, createWriteStream(path, { flags: "wx" }));
    }
  })();
  const feeding = pipeline(archive, createGunzip(), unpacked);
  const [read, fed] = await Promise.allSettled([
    reading.catch((error: Error) => {
      unpacked.destroy(error);
      throw error;
    }),
    feeding,
  ]);
  if (read.status === "rejected" && read.reason instanceof TinkerError) throw read.reason;
  const failed = [fed, read].find((outcome) => outcome.status === "rejected");
  if (failed === undefined) {
    if (files === 0) throw refuse("is empty");
    return;
  }
  const { reason } = failed as PromiseRejectedResult;
  if (reason instanceof Error && reason.name === "AbortError") throw reason;
  throw new TinkerError("bad-answer", `the archive of weights cannot be unpacked: ${(reason as Error).message}`, {
    retryable: true,
    cause: reason,
  });
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(join(resolve(folder), sep));
}
