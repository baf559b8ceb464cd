import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { InputError } from "../core/errors.ts";

/** Who holds a lock. */
const holderSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process started, as the system counts it; tells a process from a later one with the same pid. */
  started: z.string().optional(),
  token: z.string(),
});
export type Holder = z.infer<typeof holderSchema>;

export interface FileLock {
  /** Gives the lock back. Safe to call twice. */
  release(): Promise<void>;
}

/**
 * Takes the lock file, which only one process can hold. The lock of a process that is no longer there is taken over.
 * Throws `InputError` when a living process holds it, or one on another machine, which cannot be asked. `what` is the
 * file it protects, for the message.
 */
export async function acquireFileLock(lockPath: string, what: string): Promise<FileLock> {
  const own: Holder = { pid: process.pid, host: hostname(), started: processStart(process.pid), token: randomUUID() };
  for (;;) {
    if (await createLock(lockPath, own)) break;
    const holder = await readHolder(lockPath);
    if (holder === "gone") continue;
    if (holder === "unreadable" || holder.host !== own.host || isAlive(holder)) throw heldError(holder, lockPath, what);
    if (await takeOver(lockPath, holder, own, what)) break;
  }
  const release = async () => {
    const holder = await readHolder(lockPath);
    if (typeof holder === "object" && holder.token === own.token) await rm(lockPath, { force: true });
  };
  return { release };
}

/**
 * Replaces the lock of a dead process. Only who holds the lock on that very lock (its token is in the name) may replace
 * it, so two processes that find the same dead lock cannot both come to own it. False when another was faster.
 */
export async function takeOver(lockPath: string, dead: Holder, own: Holder, what: string): Promise<boolean> {
  const right = await acquireFileLock(`${lockPath}.${dead.token.slice(0, 8)}`, what);
  try {
    const holder = await readHolder(lockPath);
    if (typeof holder !== "object" || holder.token !== dead.token) return false;
    const written = `${lockPath}.${own.token}`;
    await writeFile(written, JSON.stringify(own));
    await rename(written, lockPath);
    return true;
  } finally {
    await right.release();
  }
}

/** Creates the lock with its content at once: nobody sees it half-written. False when there is one. */
async function createLock(lockPath: string, own: Holder): Promise<boolean> {
  const written = `${lockPath}.${own.token}`;
  await writeFile(written, JSON.stringify(own), { flag: "wx" });
  try {
    await link(written, lockPath);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems have no links: create the lock in place.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS" && code !== "EOPNOTSUPP") throw error;
    return await writeFile(lockPath, JSON.stringify(own), { flag: "wx" }).then(
      () => true,
      (failure: NodeJS.ErrnoException) => {
        if (failure.code === "EEXIST") return false;
        throw failure;
      },
    );
  } finally {
    await rm(written, { force: true });
  }
}

async function readHolder(lockPath: string): Promise<Holder | "gone" | "unreadable"> {
  let text: string;
  try {
    text = await readFile(lockPath, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    throw error;
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to someone else.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const started = processStart(holder.pid);
  return started === undefined || holder.started === undefined || started === holder.started;
}

/** Start time of a process in clock ticks since boot (field 22 of Linux's /proc/PID/stat); undefined elsewhere. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field, the command, is in parentheses and may hold anything; the third follows its last one.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

function heldError(holder: Holder | "unreadable", lockPath: string, what: string): InputError {
  const who = holder === "unreadable" ? "another process" : `process ${holder.pid} on ${holder.host}`;
  const message = `${who} is writing this file; wait for it or choose another file (if no such process runs any more, delete ${lockPath})`;
  return new InputError(message, { file: what });
}
