import { contaminationFinder } from "../../curate/references/find-contamination.ts";
import { findBenchmarks, type ReferenceSettings, readReferences } from "../../curate/references/read-references.ts";
import { indexReferences } from "../../curate/references/reference-index.ts";
import type { ColdStartExample } from "./cold-start-example.ts";

/** Words in a row that make a run too long to be a coincidence. */
const runWords = 13;

/** Evaluation items as examples are compared with them. */
export interface Contamination {
  /** Names the item that an example touches (`rm-bench: chat.json#4`), if any. */
  find: (example: ColdStartExample) => string | undefined;
  /** Items by benchmark. */
  sets: Map<string, number>;
  /** Benchmarks whose data was not found. */
  missing: string[];
}

/**
 * Reads the benchmarks in folders, and files of pairs in the normal form that others will be measured on, by the rules of
 * `cerm data curate`. Throws `InputError` for data that cannot be read.
 */
export async function openContamination(
  from: { benchmarks: string[]; pairs: string[] },
  signal?: AbortSignal,
): Promise<Contamination> {
  const files = from.pairs.map((path) => ({ path, columns: ["messages"], responses: ["chosen", "rejected"] }));
  const settings: ReferenceSettings = { benchmarks: [], data: from.benchmarks, files };
  const { found, missing } = await findBenchmarks(settings);
  const index = await indexReferences(readReferences(settings, found, signal), runWords);
  const find = contaminationFinder(index.shared);
  return {
    find: ({ query, response }) => {
      const touched = find({ messages: query, chosen: response ?? "", rejected: "" });
      const item = touched && index.items[touched.item]!;
      return item && `${item.set}: ${item.key}`;
    },
    sets: index.sets,
    missing,
  };
}
