import { readdir, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { InputError } from "../../core/errors.ts";
import type { Benchmark } from "../benchmark.ts";
import { benchmarks as allBenchmarks } from "../benchmarks.ts";

/** A benchmark and the file or folder with its data. */
export interface FoundData {
  benchmark: Benchmark;
  path: string;
}

const dataFile = /\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/i;

/**
 * Where each benchmark's data is, from what the user gave: `NAME=PATH`, a file or folder of one benchmark, or a folder
 * in which each benchmark has a folder or file called by one of its names (its name, its title, its repository).
 * `otherwise` gets data that was not found. Throws `InputError` that says what was looked for and what is there.
 */
export async function findData(
  benchmarks: readonly Benchmark[],
  given: readonly string[],
  options: { otherwise?: (benchmark: Benchmark) => Promise<string> } = {},
): Promise<FoundData[]> {
  const doubled = benchmarks.find((benchmark, at) => benchmarks.indexOf(benchmark) !== at);
  if (doubled !== undefined) throw new InputError(`${doubled.name} is named twice; name it once`, { field: "name" });
  const { named, places } = sortGiven(benchmarks, given);
  const found: FoundData[] = [];
  const missing: string[] = [];
  for (const benchmark of benchmarks) {
    const own = named.get(benchmark.name);
    const path =
      own === undefined
        ? ((await search(benchmark, places, benchmarks.length === 1)) ?? (await options.otherwise?.(benchmark)))
        : await existing(own);
    if (path === undefined) missing.push(benchmark.name);
    else found.push({ benchmark, path });
  }
  if (missing.length > 0) throw await notFound(missing, benchmarks, places);
  return found;
}

function sortGiven(benchmarks: readonly Benchmark[], given: readonly string[]) {
  const named = new Map<string, string>();
  const places: string[] = [];
  for (const value of given) {
    const [, name, path] = /^([^=]+)=(.+)$/.exec(value) ?? [];
    // A path may hold an equals sign itself; only a benchmark's name before it makes it NAME=PATH.
    if (name === undefined || !allBenchmarks.concat(benchmarks).some((benchmark) => benchmark.name === name)) {
      places.push(value);
      continue;
    }
    if (!benchmarks.some((benchmark) => benchmark.name === name))
      throw new InputError(`got ${value}, but ${name} is not among the benchmarks to run`, { field: "data" });
    if (named.has(name)) throw new InputError(`has two paths for ${name}; give one`, { field: "data" });
    named.set(name, path!);
  }
  return { named, places };
}

async function search(benchmark: Benchmark, places: string[], isOnly: boolean): Promise<string | undefined> {
  for (const place of places) {
    const path = await existing(place);
    const isFolder = (await stat(path)).isDirectory();
    if (isFolder) {
      const entries = (await readdir(path, { withFileTypes: true })).filter(
        (entry) => !entry.isFile() || dataFile.test(entry.name),
      );
      for (const name of namesOf(benchmark)) {
        const fitting = entries.filter((entry) => plain(entry.name) === name).map((entry) => entry.name);
        if (fitting.length > 1) {
          const message = `holds ${fitting.join(" and ")}, which could both be ${benchmark.name}; give --data ${benchmark.name}=PATH`;
          throw new InputError(message, { file: place, field: "data" });
        }
        if (fitting.length === 1) return join(path, fitting[0]!);
      }
    }
    if (namesOf(benchmark).includes(plain(basename(resolve(path)))) || (isOnly && places.length === 1)) return path;
  }
  return undefined;
}

/** Names by which the data of a benchmark may go, the surest first. */
function namesOf({ name, title, source }: Benchmark): string[] {
  const repositories = (source.sets ?? []).map(({ repo }) => repo.split("/").at(-1)!);
  return [...new Set([name, title, ...repositories].map(plain))];
}

/** `RM-Bench`, `rm_bench` and `rm-bench.jsonl` are one name. */
function plain(name: string): string {
  return name
    .replace(dataFile, "")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

async function existing(path: string): Promise<string> {
  await stat(path).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "there is no such file or folder" : `cannot be read (${error.message})`;
    throw new InputError(`${reason}; check the path`, { file: path, field: "data" });
  });
  return path;
}

async function notFound(missing: string[], benchmarks: readonly Benchmark[], places: string[]): Promise<InputError> {
  const looked = await Promise.all(
    places.map(async (place) => {
      const entries = await readdir(place).catch(() => undefined);
      if (entries === undefined) return `${place} is a file of another name`;
      const shown = entries.sort().slice(0, 12).join(", ") + (entries.length > 12 ? ", ..." : "");
      return `${place} holds ${shown === "" ? "nothing" : shown}`;
    }),
  );
  const wanted = missing.map((name) => {
    const { title, source } = benchmarks.find((benchmark) => benchmark.name === name)!;
    const others = [title, ...(source.sets ?? []).map(({ repo }) => repo.split("/").at(-1)!)];
    const distinct = [...new Set(others)].filter((other) => plain(other) !== plain(name));
    return distinct.length === 0 ? name : `${name} (also ${distinct.join(", ")})`;
  });
  const where = looked.length === 0 ? "no other --data was given" : looked.join("; ");
  const message = `no data was found for ${missing.join(", ")}: looked for a folder or file called ${wanted.join(", or ")}; ${where}; give --data ${missing[0]}=PATH`;
  return new InputError(message, { field: "data" });
}
