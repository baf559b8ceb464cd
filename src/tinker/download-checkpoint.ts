import { mkdir, mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { classifyTransportError } from "../core/transport-failure.ts";
import type { Connection } from "./connection.ts";
import { statusError, transportError } from "./failure.ts";
import { TinkerError } from "./tinker-error.ts";
import { parseTinkerPath } from "./tinker-path.ts";
import { unpackArchive } from "./unpack-archive.ts";

const maxRedirects = 5;

/**
 * Downloads sampler weights into a folder that is not there yet, or empty. The folder appears when everything is in it.
 * Throws a `TinkerError`; `retryable` where the connection broke.
 */
export async function downloadCheckpoint(
  connection: Connection,
  path: string,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const { runId, kind, name } = parseTinkerPath(path);
  const what = `download of ${path}`;
  if (kind === "training") {
    throw new TinkerError(
      "refused",
      `${what}: these are weights to go on training from; save them for a sampler first`,
    );
  }
  const target = resolve(folder);
  await mkdir(dirname(target), { recursive: true });
  const partial = await mkdtemp(join(dirname(target), ".download-"));
  try {
    const url = `${connection.http.root}/training_runs/${encodeURIComponent(runId)}/checkpoints/${encodeURIComponent(name)}/archive`;
    const body = await openArchive(connection, what, url, signal);
    await unpackArchive(body, partial);
    await rmdir(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT")
        throw new TinkerError("refused", `${what}: ${target} is there already: choose another`);
    });
    await rename(partial, target);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Follows redirections to the archive: the hosted service keeps them elsewhere. */
async function openArchive({ http, options }: Connection, what: string, url: string, signal?: AbortSignal) {
  let address = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const answer = await http.open(address, options.requestMs, signal).catch((error: Error) => {
      if (signal?.aborted) throw signal.reason;
      throw transportError(what, http.root, classifyTransportError(error), http.redact, false);
    });
    if (answer.statusCode === 200) return answer.body;
    const { location } = answer.headers;
    if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === "string") {
      await answer.body.dump();
      address = new URL(location, address).href;
      continue;
    }
    const body = Buffer.from(await answer.body.arrayBuffer());
    const head = { status: answer.statusCode, headers: answer.headers, contentType: "" };
    throw statusError(what, { kind: "answer", ...head, body }, http.redact, false);
  }
  throw new TinkerError("bad-answer", `${what}: more than ${maxRedirects} redirections`);
}
