import { basename, dirname, join } from "node:path";

const shardSuffix = /-(\d{5})-of-(\d{5})(?=\.gguf$)/i;

/** The place of a file in a split model, 1-based (`x-00002-of-00003.gguf`), or `undefined` where it is not split. */
export function shardOf(file: string): { index: number; count: number } | undefined {
  const match = shardSuffix.exec(file);
  return match === null ? undefined : { index: Number(match[1]), count: Number(match[2]) };
}

/** The names of all shards of the model that `file` belongs to, in order; `[file]` where it is not split. */
export function shardNames(file: string): string[] {
  const shard = shardOf(file);
  if (shard === undefined) return [file];
  return Array.from({ length: shard.count }, (_, index) => {
    const number = String(index + 1).padStart(5, "0");
    return file.replace(shardSuffix, `-${number}-of-${String(shard.count).padStart(5, "0")}`);
  });
}

/** As `shardNames`, for the path of a local file. */
export function shardPaths(path: string): string[] {
  return shardNames(basename(path)).map((name) => join(dirname(path), name));
}

/** The model's name in a GGUF file name: no folder, no ending, no shard suffix, safe on every file system. */
export function modelNameOf(file: string): string {
  const stem = basename(file.replaceAll("\\", "/"))
    .replace(shardSuffix, "")
    .replace(/\.gguf$/i, "");
  return safeName(stem);
}

/** A file's own name with anything that some file system refuses replaced by `-`. */
export function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "model";
}
