import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "./model-error.ts";
import { isLocked } from "./model-lock.ts";
import { wheelFolderPrefix } from "./pull-pypi.ts";
import { lockPath } from "./register-model.ts";

/** Removes what unfinished pulls have left in `directory`, except of pulls that are running. Returns the bytes that were freed. */
export async function removePartial(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const locks = entries.filter((entry) => entry.name.endsWith(".lock")).map((entry) => entry.name);
  const held = await Promise.all(locks.map((lock) => isLocked(join(directory, lock))));
  // A wheel's folder does not say which package it is for.
  const wheelRunning = locks.some((lock, index) => lock.startsWith("pypi--") && held[index]);
  let freed = 0;
  for (const entry of entries.filter((entry) => entry.isDirectory())) {
    const path = join(directory, entry.name);
    if (entry.name.startsWith(wheelFolderPrefix)) freed += wheelRunning ? 0 : await removeAll(path);
    else if (!(await isLocked(lockPath(directory, entry.name)))) freed += await removeParts(path);
  }
  return freed;
}

async function removeParts(folder: string): Promise<number> {
  let freed = 0;
  for (const file of await readdir(folder))
    if (/\.part(\.json)?$/.test(file)) freed += await removeAll(join(folder, file));
  return freed;
}

async function removeAll(path: string): Promise<number> {
  const bytes = await bytesOf(path);
  await rm(path, { recursive: true, force: true });
  return bytes;
}

async function bytesOf(path: string): Promise<number> {
  const stats = await stat(path);
  if (!stats.isDirectory()) return stats.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
