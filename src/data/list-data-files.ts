import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { InputError } from "../core/errors.ts";
import { fileError } from "./read-bytes.ts";

/** A file with rows. */
export interface DataFile {
  path: string;
  /** What it is called in ids: its path below the folder that was given, or its own name. Unique in a list. */
  name: string;
}

const dataFile = /\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/i;

/**
 * The files that `sources` name, and the data files in the folders among them and below, in code unit order of their
 * paths. Throws `InputError` for what is not there, and for a folder without data files.
 */
export async function listDataFiles(sources: readonly string[]): Promise<DataFile[]> {
  const lists = await Promise.all(sources.map((source) => filesOf(source)));
  const files = new Map<string, DataFile>();
  for (const file of lists.flat()) if (!files.has(resolve(file.path))) files.set(resolve(file.path), file);
  return withUniqueNames([...files.values()]);
}

async function filesOf(source: string): Promise<DataFile[]> {
  const found = await stat(source).catch((error: unknown) => {
    throw fileError(error, source);
  });
  if (!found.isDirectory()) return [{ path: source, name: basename(source) }];
  const below = (await readdir(source, { recursive: true })).filter((name) => dataFile.test(name));
  if (below.length === 0)
    throw new InputError("this folder holds no .jsonl, .json, .csv or .parquet file; name another", { file: source });
  return below
    .map((name) => ({ path: join(source, name), name: name.split(sep).join("/") }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names that several files share get as many of their folders in front as tell them apart. */
function withUniqueNames(files: DataFile[]): DataFile[] {
  const parts = files.map(({ path }) => resolve(path).split(sep));
  return files.map((file, index) => {
    const rivals = files.flatMap((other, at) => (at !== index && other.name === file.name ? [parts[at]!] : []));
    if (rivals.length === 0) return file;
    const own = parts[index]!;
    const tail = (of: string[], depth: number) => of.slice(-depth).join("/");
    let depth = file.name.split("/").length;
    while (rivals.some((rival) => tail(rival, depth) === tail(own, depth))) depth++;
    return { ...file, name: tail(own, depth) };
  });
}
