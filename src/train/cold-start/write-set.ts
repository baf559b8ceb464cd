import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../engines/models/write-atomically.ts";
import type { FinishedSet } from "./finish-set.ts";
import type { MeasuredExample } from "./select-examples.ts";
import { renderSetReport, type SetReport, summariseSet } from "./set-report.ts";
import type { Yields } from "./yields.ts";

/** What made a set, for its report. */
export interface SetOrigin {
  /** `records` or `teacher`. */
  made: string;
  /** Identity of the pack whose prompts the conversations are in. */
  pack: string;
  /** Settings that decided what is in it. */
  settings: Record<string, unknown>;
  sources: SetReport["sources"];
  /** Evaluation items that were looked for, by benchmark, and benchmarks that were not. */
  comparedWith: { sets: Record<string, number>; missing: string[] };
  /** How much of a teacher's answers could be used. */
  yields?: Yields;
}

/**
 * Writes a set to a folder: `train.jsonl` and `held-out.jsonl` (conversations for `cerm train sft`), `report.json` and
 * `report.md`. Equal sets give equal files.
 */
export async function writeSet(out: string, set: FinishedSet, origin: SetOrigin): Promise<SetReport> {
  await mkdir(out, { recursive: true });
  const report = summariseSet(set, origin);
  const lines = (examples: MeasuredExample[]) =>
    examples.map((example) => `${JSON.stringify(record(example))}\n`).join("");
  await writeFileAtomically(join(out, "train.jsonl"), lines(set.train));
  await writeFileAtomically(join(out, "held-out.jsonl"), lines(set.heldOut));
  await writeFileAtomically(join(out, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomically(join(out, "report.md"), renderSetReport(report, set));
  return report;
}

/** An example as `cerm train sft` reads it. */
function record({ id, source, overall, messages, train }: MeasuredExample) {
  return { id, source, overall, messages, train };
}
