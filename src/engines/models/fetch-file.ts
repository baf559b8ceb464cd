import { createHash, randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { downloadFile } from "./download-file.ts";
import { spaceError } from "./free-space.ts";
import { connectionLost, type HubClient } from "./hub-client.ts";
import { hubError } from "./hub-error.ts";
import { ModelError } from "./model-error.ts";

/** A file of a repository at a commit, with what is known of it beforehand. */
export interface RemoteFile {
  path: string;
  /** Path of the request that gives its bytes. */
  url: string;
  bytes?: number;
  sha256?: string;
  gitSha1?: string;
}

export interface FetchFileOptions {
  signal?: AbortSignal;
  /** Called with the number of bytes of this file that are there. */
  onBytes?: (bytes: number) => void;
  attempts?: number;
  retryDelayMs?: number;
  page: string;
}

/** Files outside large file storage are small; anything beyond is not what was asked for. */
const smallBytes = 64 << 20;

/**
 * Brings a file of a repository to `target` and returns its SHA-256 and size. Files whose SHA-256 and size are known are
 * downloaded in resumable steps, others in one go. The file appears only when it is complete and its checksum is right.
 * Throws a `ModelError`, or the signal's reason.
 */
export async function fetchFile(
  file: RemoteFile,
  target: string,
  client: HubClient,
  options: FetchFileOptions,
): Promise<{ sha256: string; bytes: number }> {
  const { bytes, sha256 } = file;
  if (bytes !== undefined && sha256 !== undefined) {
    await downloadFile({ path: file.path, url: file.url, bytes, sha256 }, target, client, options);
    return { sha256, bytes };
  }
  const content = await fetchWhole(file, client, options);
  const found = createHash("sha256").update(content).digest("hex");
  const blob = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  requireHash(file, "SHA-256", found, file.sha256, client);
  requireHash(file, "git blob id", blob, file.gitSha1, client);
  await writeWhole(content, target);
  return { sha256: found, bytes: content.length };
}

async function fetchWhole(file: RemoteFile, client: HubClient, options: FetchFileOptions): Promise<Buffer> {
  const response = await client.get(file.url, { signal: options.signal });
  if (response.status !== 200) throw await hubError(response, file.path, options.page, client);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > smallBytes) break;
      chunks.push(chunk);
      options.onBytes?.(bytes);
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw connectionLost(new URL(client.url), error, "Run the same command again.");
  }
  if (bytes > smallBytes || (file.bytes !== undefined && file.bytes !== bytes)) {
    const expected = file.bytes === undefined ? `at most ${smallBytes}` : `${file.bytes}`;
    throw new ModelError("hub-error", `${file.path}: ${bytes} bytes came, expected ${expected}. Try again later`);
  }
  return Buffer.concat(chunks);
}

function requireHash(
  file: RemoteFile,
  kind: string,
  found: string,
  expected: string | undefined,
  client: HubClient,
): void {
  if (expected === undefined || found === expected) return;
  throw new ModelError(
    "hash-mismatch",
    `${file.path}: what came from ${client.url} has the ${kind} ${found}, expected ${expected}. Nothing was kept; try again`,
    { retryable: true },
  );
}

async function writeWhole(content: Buffer, target: string): Promise<void> {
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw spaceError(error, target);
  }
}
