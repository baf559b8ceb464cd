import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PackLocations } from "./load-pack.ts";

export interface PackEntry {
  name: string;
  directory: string;
  source: "bundled" | "user";
}

/** Folder of the packs that come with the program. */
export const bundledDirectory = fileURLToPath(new URL("./packs", import.meta.url));

/**
 * The packs that can be loaded by name, bundled ones first, each group by name. The packs themselves are not read. A
 * user's pack with a bundled name cannot be reached by name and is left out; so is a missing user directory.
 */
export async function listPacks(locations: PackLocations = {}): Promise<PackEntry[]> {
  const bundled = await folders(bundledDirectory, "bundled");
  if (locations.userDirectory === undefined) return bundled;
  const taken = new Set(bundled.map((entry) => entry.name));
  const own = await folders(locations.userDirectory, "user");
  return [...bundled, ...own.filter((entry) => !taken.has(entry.name))];
}

async function folders(parent: string, source: PackEntry["source"]): Promise<PackEntry[]> {
  let names: string[];
  try {
    names = await readdir(parent);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const entries = names
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => ({ name, directory: join(parent, name), source }));
  const isPack = await Promise.all(
    entries.map((entry) =>
      stat(join(entry.directory, "pack.json")).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  return entries.filter((_, index) => isPack[index]);
}
