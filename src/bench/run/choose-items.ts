import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { hashFile } from "../../engines/models/hash-file.ts";
import type { Benchmark, LoadOptions } from "../benchmark.ts";
import { type SampleCandidate, stratifiedSample } from "../stratified-sample.ts";
import type { FoundData } from "./find-data.ts";
import { shareLimit } from "./share-limit.ts";

/** A file that items come from. */
export interface DataFileIdentity {
  /** Its path below the data folder, or its own name. */
  file: string;
  bytes: number;
  sha256: string;
}

/** The items of one benchmark that a run is about. */
export interface ChosenItems {
  benchmark: Benchmark;
  path: string;
  load: LoadOptions;
  keys: Set<string>;
  /** The chosen items as a further sample needs them, in the data's order. */
  items: SampleCandidate[];
  /** Items of the whole data. */
  total: number;
  files: DataFileIdentity[];
  /** Short hash of the keys: equal choices, equal hash. */
  choice: string;
}

export interface ChooseOptions extends LoadOptions {
  /** Most items of all benchmarks together. Default: all. */
  limit?: number;
  /** Of the sample. */
  seed: number;
}

/**
 * Reads the data once and chooses the items of a run: all of them, or a seeded sample, the limit shared out evenly over
 * the benchmarks and stratified by subset within each. Keeps keys, no texts. Throws `InputError` for data that is not the
 * benchmark's, empty data, and a limit below the number of benchmarks.
 */
export async function chooseItems(found: readonly FoundData[], options: ChooseOptions): Promise<ChosenItems[]> {
  const { limit, seed, ...given } = options;
  if (limit !== undefined && limit < found.length) {
    const message = `got ${limit}, expected at least ${found.length}, one item for each benchmark`;
    throw new InputError(message, { field: "limit" });
  }
  const candidates: SampleCandidate[][] = [];
  for (const { benchmark, path } of found) {
    const own: SampleCandidate[] = [];
    for await (const { key, subset, cluster } of benchmark.load(path, given)) own.push({ key, subset, cluster });
    if (own.length === 0) throw new InputError(`there is no item of ${benchmark.name} in it`, { file: path });
    candidates.push(own);
  }
  const sizes = candidates.map((own) => own.length);
  const shares = limit === undefined ? sizes : shareLimit(sizes, limit);
  const chosen: ChosenItems[] = [];
  for (const [index, { benchmark, path }] of found.entries()) {
    const own = candidates[index]!;
    const all = own.map(({ key }) => key);
    const keys = shares[index] === own.length ? new Set(all) : stratifiedSample(own, shares[index]!, seed);
    if (keys.size === 0) {
      const message = `leaves no item of ${benchmark.name}, whose items come in groups that ${shares[index]} places cannot hold; give more`;
      throw new InputError(message, { field: "limit" });
    }
    const files = await identify(path, all, given.signal);
    const items = own.filter(({ key }) => keys.has(key));
    chosen.push({ benchmark, path, load: given, keys, items, total: own.length, files, choice: hashOf(keys) });
  }
  return chosen;
}

/**
 * A seeded sample of chosen items, shared out and stratified as they were. A benchmark whose places cannot hold a group
 * of its items is left out.
 */
export function narrowChoice(chosen: readonly ChosenItems[], limit: number, seed: number): ChosenItems[] {
  const shares = shareLimit(
    chosen.map(({ keys }) => keys.size),
    limit,
  );
  return chosen.flatMap((one, index) => {
    const keys = stratifiedSample(one.items, shares[index]!, seed);
    const items = one.items.filter(({ key }) => keys.has(key));
    return keys.size === 0 ? [] : [{ ...one, keys, items, choice: hashOf(keys) }];
  });
}

async function identify(path: string, keys: string[], signal: AbortSignal | undefined): Promise<DataFileIdentity[]> {
  const isFolder = (await stat(path)).isDirectory();
  const names = [...new Set(keys.map((key) => key.slice(0, key.lastIndexOf("#"))))];
  const files: DataFileIdentity[] = [];
  for (const file of names) {
    const place = isFolder ? join(path, file) : path;
    files.push({ file, bytes: (await stat(place)).size, sha256: await hashFile(place, signal) });
  }
  return files;
}

function hashOf(keys: ReadonlySet<string>): string {
  const hash = createHash("sha256");
  for (const key of [...keys].sort()) hash.update(`${key}\n`);
  return hash.digest("hex").slice(0, 12);
}
