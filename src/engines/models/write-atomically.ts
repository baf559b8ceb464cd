import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a text file so that readers and a crash see the old content or the new, never a part. */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  await writeAtomically(path, `${path}.${randomUUID()}.tmp`, (file) => file.writeFile(content));
}

/**
 * Writes a file under a temporary name in the same folder, and gives it its own when it is whole and on the disk. Where
 * `write` fails nothing is left. A process that was killed leaves the temporary file: where files are large, always the same
 * name lets the next attempt write over it.
 */
export async function writeAtomically(
  path: string,
  temporary: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    const file = await open(temporary, "w");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Makes renames in a directory survive a power cut, where the system can (Windows cannot, and need not). */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // The rename itself has happened; only its durability is less certain here.
  }
}
