import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { formatBytes } from "./format-bytes.ts";
import { spaceError } from "./free-space.ts";
import { connectionLost, type HubClient, type HubResponse } from "./hub-client.ts";
import { hubError, isTransientStatus } from "./hub-error.ts";
import type { HubFile } from "./hub-plan.ts";
import { ModelError } from "./model-error.ts";
import {
  describePartialFile,
  finishPartialFile,
  openPartialFile,
  type PartialFile,
  removePartialFile,
  restartPartialFile,
} from "./partial-file.ts";
import { syncDirectory } from "./write-atomically.ts";

export interface DownloadOptions {
  signal?: AbortSignal;
  /** Called with the number of bytes of this file that are there. */
  onBytes?: (bytes: number) => void;
  /** Tries in a row without a new byte before giving up. Default 5. */
  attempts?: number;
  /** Milliseconds before the second try, doubled for each further one. Default 1,000. */
  retryDelayMs?: number;
  /** The repository's page, for messages. */
  page: string;
}

/**
 * Downloads a file of the hub to `target` by way of `<target>.part`, which a later call goes on from. The file appears under its name
 * only when it is complete and its SHA-256 is right. Throws a `ModelError`, or the signal's reason.
 */
export async function downloadFile(
  file: HubFile,
  target: string,
  client: HubClient,
  options: DownloadOptions,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const part = await openPartialFile(file, target, options.signal);
  let digest: string;
  try {
    await fill(part, file, target, client, options);
    digest = part.hash.digest("hex");
    if (digest === file.sha256) await part.handle.sync();
  } catch (error) {
    throw spaceError(error, target);
  } finally {
    await part.handle.close();
  }
  if (digest !== file.sha256) {
    await removePartialFile(target);
    throw new ModelError(
      "hash-mismatch",
      `${file.path}: what came has the SHA-256 ${digest}, the hub promised ${file.sha256}. The bad file was removed. Pull again; if it happens again, something between here and ${client.url} changes downloads`,
      { retryable: true },
    );
  }
  await finishPartialFile(target);
  await syncDirectory(dirname(target));
}

async function fill(
  part: PartialFile,
  file: HubFile,
  target: string,
  client: HubClient,
  options: DownloadOptions,
): Promise<void> {
  let failures = 0;
  while (part.offset < file.bytes) {
    const before = part.offset;
    try {
      await fetchRest(part, file, target, client, options);
      failures = part.offset > before ? 0 : failures + 1;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof ModelError) || !error.retryable) throw error;
      failures = part.offset > before ? 1 : failures + 1;
      if (failures >= (options.attempts ?? 5)) throw error;
    }
    if (failures > 0)
      await sleep((options.retryDelayMs ?? 1_000) * 2 ** (failures - 1), undefined, { signal: options.signal });
    if (failures >= (options.attempts ?? 5))
      throw new ModelError(
        "hub-error",
        `${file.path}: the hub sends no more bytes after ${part.offset} of ${file.bytes}. Try again later`,
        { retryable: true },
      );
  }
}

/** One request: appends what comes. Returns early where the next request has to begin anew. */
async function fetchRest(
  part: PartialFile,
  file: HubFile,
  target: string,
  client: HubClient,
  options: DownloadOptions,
): Promise<void> {
  const { signal } = options;
  const headers: Record<string, string> = {};
  if (part.offset > 0) {
    headers.range = `bytes=${part.offset}-`;
    if (part.etag !== undefined) headers["if-match"] = part.etag;
  }
  const response = await client.get(file.url, { headers, signal });
  if (part.offset > 0 && !continues(response, part, file)) {
    if (![200, 206, 412, 416].includes(response.status)) throw await failed(response, file, client, options);
    // Not the bytes that are missing: the partial file is worth nothing, and a whole answer can be used as it is.
    await restartPartialFile(part);
    if (response.status !== 200) return response.body.dump();
  }
  if (response.status !== 200 && response.status !== 206) throw await failed(response, file, client, options);
  if (part.offset === 0) {
    part.etag = strongEtag(response.headers.etag);
    await describePartialFile(part, file, target);
  }
  try {
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      if (part.offset + chunk.length > file.bytes) throw tooLong(file);
      await part.handle.write(chunk, 0, chunk.length, part.offset).then(({ bytesWritten }) => {
        // A short write is how some systems say that the volume is full.
        if (bytesWritten < chunk.length) throw Object.assign(new Error("short write"), { code: "ENOSPC" });
      });
      part.hash.update(chunk);
      part.offset += chunk.length;
      options.onBytes?.(part.offset);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!isConnectionError(error)) throw error;
    const kept = `${formatBytes(part.offset)} of ${formatBytes(file.bytes)} are kept: the same command goes on from there.`;
    throw connectionLost(new URL(client.url), error, kept);
  }
}

/** Whether an answer to a request for the rest is that rest, of the same file. */
function continues(response: HubResponse, part: PartialFile, file: HubFile): boolean {
  if (response.status !== 206) return false;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers["content-range"] ?? "");
  const etag = strongEtag(response.headers.etag);
  const sameFile = part.etag === undefined || etag === undefined || etag === part.etag;
  return sameFile && Number(range?.[1]) === part.offset && (range?.[2] === "*" || Number(range?.[2]) === file.bytes);
}

async function failed(
  response: HubResponse,
  file: HubFile,
  client: HubClient,
  options: DownloadOptions,
): Promise<ModelError> {
  const wait = Number(response.headers["retry-after"]);
  if (isTransientStatus(response.status) && wait > 0)
    await sleep(Math.min(wait, 60) * 1_000, undefined, { signal: options.signal });
  return hubError(response, file.path, options.page, client);
}

function tooLong(file: HubFile): ModelError {
  return new ModelError(
    "hub-error",
    `${file.path}: more bytes come than the ${file.bytes} the hub promised. Check HF_ENDPOINT and the proxy`,
  );
}

/** Weak validators cannot vouch for single bytes. */
function strongEtag(etag: string | undefined): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function isConnectionError(error: unknown): boolean {
  const code = String((error as { code?: unknown }).code ?? "");
  return (
    code.startsWith("UND_ERR_") ||
    /^(ECONN|EPIPE|ETIMEDOUT|ENET|EHOST|EAI_|HPE_)/.test(code) ||
    (error as Error).message === "terminated"
  );
}
