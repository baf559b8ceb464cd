import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { z } from "zod";
import { hashInto } from "./hash-file.ts";
import type { HubFile } from "./hub-plan.ts";
import { writeFileAtomically } from "./write-atomically.ts";

/** What is known of a partial file, kept beside it. */
const infoSchema = z.object({ sha256: z.string(), etag: z.string().optional() });

/** A partial file while it grows. */
export interface PartialFile {
  handle: FileHandle;
  /** Of the bytes that were written. */
  hash: Hash;
  /** How many bytes were written. */
  offset: number;
  /** The strong ETag of the answer that the bytes came with. */
  etag: string | undefined;
}

/** Bytes of `target` that an earlier, unfinished download of this file has left. */
export async function partialBytes(file: HubFile, target: string): Promise<number> {
  const known = await readInfo(target);
  const bytes = (await stat(pathOf(target)).catch(() => undefined))?.size ?? 0;
  return known?.sha256 === file.sha256 && bytes <= file.bytes ? bytes : 0;
}

/** Opens the partial file of `target`: what an earlier download of this file has left, else an empty one. */
export async function openPartialFile(file: HubFile, target: string, signal?: AbortSignal): Promise<PartialFile> {
  const offset = await partialBytes(file, target);
  const known = offset > 0 ? await readInfo(target) : undefined;
  if (offset === 0) await removePartialFile(target);
  const hash = createHash("sha256");
  if (offset > 0) await hashInto(hash, pathOf(target), signal);
  const handle = await open(pathOf(target), offset > 0 ? "r+" : "w");
  return { handle, hash, offset, etag: known?.etag };
}

/** Notes what the first bytes of a partial file belong to. */
export async function describePartialFile(part: PartialFile, file: HubFile, target: string): Promise<void> {
  await writeFileAtomically(infoPathOf(target), JSON.stringify({ sha256: file.sha256, etag: part.etag }));
}

/** Empties an open partial file. */
export async function restartPartialFile(part: PartialFile): Promise<void> {
  await part.handle.truncate(0);
  part.hash = createHash("sha256");
  part.offset = 0;
  part.etag = undefined;
}

/** Gives a complete, closed partial file its name. */
export async function finishPartialFile(target: string): Promise<void> {
  await rename(pathOf(target), target);
  await rm(infoPathOf(target), { force: true });
}

export async function removePartialFile(target: string): Promise<void> {
  await rm(pathOf(target), { force: true });
  await rm(infoPathOf(target), { force: true });
}

async function readInfo(target: string): Promise<z.infer<typeof infoSchema> | undefined> {
  try {
    return infoSchema.parse(JSON.parse(await readFile(infoPathOf(target), "utf8")));
  } catch {
    return undefined;
  }
}

function pathOf(target: string): string {
  return `${target}.part`;
}

function infoPathOf(target: string): string {
  return `${target}.part.json`;
}
