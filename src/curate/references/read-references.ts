import { basename } from "node:path";
import { type BenchItem, benchmarks, findBenchmark } from "../../bench/index.ts";
import { findData } from "../../bench/run/find-data.ts";
import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import { listDataFiles } from "../../data/list-data-files.ts";
import { readRows } from "../../data/read-rows.ts";
import { promptsOf } from "./prompts-of.ts";
import type { Reference } from "./reference.ts";

/** What is compared with: benchmarks by path, folders that hold benchmarks, and plain files. */
export interface ReferenceSettings {
  benchmarks: { name: string; path: string }[];
  data: string[];
  files: { path: string | string[]; columns: string[]; responses: string[]; name?: string }[];
}

/** Benchmarks with their data, and the names of those that were not given. */
export interface FoundBenchmarks {
  found: { name: string; path: string }[];
  missing: string[];
}

/** Where the data of the benchmarks is; looked for in the folders where no path is given. */
export async function findBenchmarks({ benchmarks: given, data }: ReferenceSettings): Promise<FoundBenchmarks> {
  const found = given.map(({ name, path }) => ({ name: findBenchmark(name).name, path }));
  const left = benchmarks.filter(({ name }) => !found.some((one) => one.name === name));
  const missing: string[] = [];
  if (data.length === 0) missing.push(...left.map(({ name }) => name));
  else
    for (const { benchmark, path } of await findData(left, data, { otherwise: async () => "" })) {
      if (path === "") missing.push(benchmark.name);
      else found.push({ name: benchmark.name, path });
    }
  return { found, missing };
}

/** Every item to compare with. Throws `InputError` for data that cannot be read: what was not read was not checked. */
export async function* readReferences(
  settings: ReferenceSettings,
  found: FoundBenchmarks["found"],
  signal?: AbortSignal,
): AsyncGenerator<Reference> {
  for (const { name, path } of found)
    for await (const item of findBenchmark(name).load(path, { signal })) yield ofBenchItem(name, item);
  for (const file of settings.files) yield* ofFile(file, signal);
}

function ofBenchItem(set: string, { key, query, responses }: BenchItem): Reference {
  return { set, key, prompts: promptsOf(query.messages), responses: responses.map(({ text }) => text) };
}

async function* ofFile(
  { path, columns, responses: answers, name }: ReferenceSettings["files"][number],
  signal: AbortSignal | undefined,
): AsyncGenerator<Reference> {
  const files = await listDataFiles([path].flat());
  for (const file of files) {
    for await (const row of readRows(file.path, { signal })) {
      if (!row.ok) throw row.error;
      const texts = columns.flatMap((column) => textsOf(row.value[column]));
      if (texts.length === 0)
        throw new InputError(`row ${row.where.row} (from 0) has no text in ${columns.join(", ")}; name its columns`, {
          file: file.path,
          line: row.where.line,
        });
      yield {
        set: name ?? basename(file.name),
        key: `${file.name}#${row.where.row}`,
        prompts: { main: texts, later: [] },
        responses: answers.flatMap((column) => textsOf(row.value[column])),
      };
    }
  }
}

/** The texts of a cell: a text, a list of texts, or a conversation. */
function textsOf(cell: unknown): string[] {
  if (typeof cell === "string") return [cell];
  if (!Array.isArray(cell)) return [];
  return cell.flatMap((one) => textsOf(typeof one === "object" && one !== null ? (one as Message).content : one));
}
