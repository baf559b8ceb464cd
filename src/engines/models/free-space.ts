import { statfs } from "node:fs/promises";
import { formatBytes } from "./format-bytes.ts";
import { ModelError, systemCode } from "./model-error.ts";

/** Bytes a user may still write on the volume that holds `directory`. */
export async function freeBytes(directory: string): Promise<number> {
  const volume = await statfs(directory);
  return volume.bavail * volume.bsize;
}

/** Throws a `ModelError` `no-space` where fewer than `needed` bytes are free; nothing has been written by then. */
export async function requireSpace(
  directory: string,
  needed: number,
  free: (directory: string) => Promise<number> = freeBytes,
): Promise<void> {
  const available = await free(directory);
  if (available >= needed) return;
  throw new ModelError(
    "no-space",
    `${directory}: ${formatBytes(needed)} are needed and ${formatBytes(available)} are free. Make room, or set CERM_HOME to a folder on another volume`,
  );
}

/** The `no-space` error for a write that failed because the volume is full, or the error itself. */
export function spaceError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new ModelError(
    "no-space",
    `${path}: the volume is full. What was downloaded is kept: make room and run the same command again, and it goes on from there`,
    { cause: error },
  );
}
