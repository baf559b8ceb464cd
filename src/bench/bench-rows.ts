import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve, sep } from "node:path";
import { InputError } from "../core/errors.ts";
import { readRows } from "../data/read-rows.ts";
import type { RowPlace } from "../data/row.ts";

/** A row of a benchmark's data. */
export interface BenchRow {
  /** `<file>#<row>`, the item's key. */
  key: string;
  /** The file's path below the data folder with `/` between its parts, or its own name when the data is a file. */
  file: string;
  /** The file's absolute path, for what folder names say. */
  path: string;
  value: Record<string, unknown>;
  where: RowPlace;
}

export interface BenchRowsOptions {
  /** Which files of a folder hold the benchmark, out of its data files. Default: all. */
  select?: (files: string[]) => string[];
  signal?: AbortSignal;
}

const dataFile = /\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/i;

/**
 * Rows of a data file, or of the data files of a folder and those below it in code unit order of their paths. Throws
 * `InputError` at the first row that cannot be read: a benchmark with rows left out is another benchmark.
 */
export async function* benchRows(path: string, options: BenchRowsOptions = {}): AsyncGenerator<BenchRow> {
  for (const file of await dataFiles(path, options.select)) {
    for await (const row of readRows(file.path, { signal: options.signal })) {
      if (!row.ok) throw row.error;
      const { value, where } = row;
      yield { key: `${file.name}#${where.row}`, file: file.name, path: resolve(file.path), value, where };
    }
  }
}

async function dataFiles(
  path: string,
  select: (files: string[]) => string[] = (files) => files,
): Promise<{ name: string; path: string }[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file or folder" : `cannot be read (${error.message})`;
    throw new InputError(`${reason}; check the path`, { file: path });
  });
  if (!found.isDirectory()) return [{ name: basename(path), path }];
  const below = (await readdir(path, { recursive: true })).map((name) => name.split(sep).join("/"));
  const data = below.filter((name) => dataFile.test(name)).sort();
  const files = select(data);
  if (files.length === 0) {
    const seen =
      data.length === 0
        ? "it holds no .jsonl, .json, .csv or .parquet file"
        : `it holds ${data.slice(0, 5).join(", ")}`;
    throw new InputError(`this folder has none of the benchmark's files: ${seen}; name the right folder or file`, {
      file: path,
    });
  }
  return files.map((name) => ({ name, path: join(path, name) }));
}
