import { randomUUID } from "node:crypto";
import { constants, copyFile, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ModelError, systemCode } from "./model-error.ts";

const holderSchema = z.object({ pid: z.number().int(), host: z.string(), token: z.string() });

/** The process that holds a lock. */
export type LockHolder = z.infer<typeof holderSchema>;

export interface LockOptions {
  signal?: AbortSignal;
  /** `false`: a lock that is held is a `ModelError` `model-busy`. Default: wait for it. */
  wait?: boolean;
  /** Called once, when waiting begins. */
  onWait?: (holder: LockHolder | undefined) => void;
  /** Milliseconds between two looks at a lock that is held. Default 250. */
  pollMs?: number;
  /** Milliseconds between two signs of life of the holder. Default 5,000. */
  heartbeatMs?: number;
  /** Milliseconds without a sign of life after which a lock is taken over. Default 30,000. */
  staleMs?: number;
}

/**
 * Runs `work` while holding the lock file at `path`, which is taken over from a holder that is gone: its process has ended (on this
 * machine), or it shows no sign of life. `work`'s signal aborts with `options.signal`, or when the lock was lost to another.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const holder: LockHolder = { pid: process.pid, host: hostname(), token: randomUUID() };
  await acquire(path, holder, options);
  const lost = new AbortController();
  const signal = options.signal === undefined ? lost.signal : AbortSignal.any([options.signal, lost.signal]);
  const beat = async () => {
    if ((await readHolder(path))?.token === holder.token) await utimes(path, new Date(), new Date()).catch(() => {});
    else
      lost.abort(
        new ModelError("model-busy", `${path}: another process took the lock over. Try again`, { retryable: true }),
      );
  };
  const heart = setInterval(() => void beat(), options.heartbeatMs ?? 5_000);
  heart.unref();
  try {
    return await work(signal);
  } finally {
    clearInterval(heart);
    if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
  }
}

/** Whether a living process holds the lock at `path`. */
export async function isLocked(path: string, staleMs = 30_000): Promise<boolean> {
  return (await lookAt(path, staleMs)).state === "held";
}

async function acquire(path: string, holder: LockHolder, options: LockOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  let waiting = false;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      await writeFile(path, JSON.stringify(holder), { flag: "wx" });
      return;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    const seen = await lookAt(path, options.staleMs ?? 30_000);
    if (seen.state === "stale") await takeAway(path, seen.content);
    if (seen.state !== "held") continue;
    if (options.wait === false)
      throw new ModelError(
        "model-busy",
        `process ${seen.holder?.pid ?? "unknown"} on ${seen.holder?.host ?? "an unknown host"} is pulling this model (${path}). Wait for it, or end it`,
        { retryable: true },
      );
    if (!waiting) options.onWait?.(seen.holder);
    waiting = true;
    await sleep(options.pollMs ?? 250, undefined, { signal: options.signal });
  }
}

type Sight =
  | { state: "free" }
  | { state: "held"; holder: LockHolder | undefined }
  | { state: "stale"; content: string };

async function lookAt(path: string, staleMs: number): Promise<Sight> {
  try {
    const content = await readFile(path, "utf8");
    const age = Date.now() - (await stat(path)).mtimeMs;
    const holder = parseHolder(content);
    const gone = holder?.host === hostname() && !isAlive(holder.pid);
    // A holder that just made the file may not have written its name yet; by age alone it is then told from a damaged one.
    return gone || age > staleMs ? { state: "stale", content } : { state: "held", holder };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { state: "free" };
    throw error;
  }
}

/** Removes the lock whose content was seen to be stale, and no other: one that was taken meanwhile is put back. */
async function takeAway(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== content) await copyFile(aside, path, constants.COPYFILE_EXCL).catch(() => {});
  await rm(aside, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  return parseHolder(await readFile(path, "utf8").catch(() => ""));
}

function parseHolder(content: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(content)).data;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
