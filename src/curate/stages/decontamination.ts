import { z } from "zod";
import { findBenchmarks, readReferences } from "../references/read-references.ts";
import { indexReferences } from "../references/reference-index.ts";
import { contaminationTask } from "../work/contamination-task.ts";
import type { Stage } from "./stage.ts";

const path = z.string().min(1);

const settings = z.strictObject({
  /** Benchmarks (`cerm bench list`) and their files or folders; one may be named with several. */
  benchmarks: z.array(z.strictObject({ name: z.string(), path })).default([]),
  /** Folders in which the other benchmarks are looked for by their names. */
  data: z.array(path).default([]),
  /** Other files, with the columns that hold prompts, and those that hold responses. */
  files: z
    .array(
      z.strictObject({
        path: z.union([path, z.array(path).min(1)]),
        columns: z.array(z.string()).min(1),
        responses: z.array(z.string()).default([]),
        name: z.string().optional(),
      }),
    )
    .default([]),
  /** Words in a row that make a run too long to be a coincidence. */
  words: z.int().min(8).max(50).default(13),
});

/** Rows that touch an evaluation set: by their prompts, or by runs of words in prompts and responses. */
export const decontamination: Stage<z.infer<typeof settings>> = {
  name: "decontamination",
  summary: "rows that touch a benchmark: same prompts, or runs of words in common",
  settings,
  async files(chosen) {
    const { found } = await findBenchmarks(chosen);
    return [...found.map((one) => one.path), ...chosen.files.flatMap((file) => file.path)];
  },
  async run({ rows, pool, drop, note, progress, signal }, chosen) {
    const { found, missing } = await findBenchmarks(chosen);
    const index = await indexReferences(readReferences(chosen, found, signal), chosen.words);
    const sets = [...index.sets].map(([name, items]) => `${name} (${items} items)`);
    note(sets.length === 0 ? "compared with nothing" : `compared with ${sets.join(", ")}`);
    if (missing.length > 0) note(`not compared with ${missing.join(", ")}: no data given`);
    const total = await rows.count();
    let done = 0;
    const options = { texts: await rows.texts(), signal };
    for await (const result of pool.map(contaminationTask, index.shared, rows.batches(), options)) {
      for (const { n, kind, part, item } of result.found) {
        const { set, key } = index.items[item]!;
        drop({ n, reason: `${kind}: ${set}`, detail: `${part}, ${key}` });
      }
      done += result.rows;
      progress(done, total);
    }
  },
};
