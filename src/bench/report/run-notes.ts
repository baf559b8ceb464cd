import { isToy } from "../../engines/models/default-models.ts";
import { modelTitle } from "../../engines/models/model-identity.ts";
import type { BenchRun } from "../run/index.ts";
import { count } from "./format.ts";
import type { BenchmarkReport } from "./report.ts";

/** What a reader must know before the numbers. */
export function runNotes(run: BenchRun, benchmarks: BenchmarkReport[]): string[] {
  const notes: string[] = [];
  if (run.limit !== null && benchmarks.some(({ items }) => items.asked < items.total)) {
    const sizes = benchmarks.map(
      ({ title, items }) => `${count(items.asked)} of ${count(items.total)} items of ${title}`,
    );
    notes.push(
      `This is a sample, not the benchmark: ${sizes.join(", ")}, stratified by subset with seed ${run.seed}. Small subsets have wide intervals, and the numbers are not comparable with published ones.`,
    );
  }
  const missing = benchmarks.filter(({ items }) => items.done < items.asked);
  if (missing.length > 0) {
    const parts = missing.map(({ title, items }) => `${count(items.done)} of ${count(items.asked)} of ${title}`);
    notes.push(`The run is not finished: ${parts.join(", ")}. The same command continues it.`);
  }
  const parameters = parametersInName(run.model.model);
  if (parameters !== undefined && isToy({ parameterCount: parameters }))
    notes.push(
      `${modelTitle(run.model.model)} is a toy model (${count(parameters / 1e6)} million parameters): the run shows that everything works, not how good a judge is.`,
    );
  if (run.control !== null)
    notes.push(
      `A control run: the responses were changed before they were judged (${run.control}). Its use is the comparison with the run without the change.`,
    );
  for (const { title, scores, primary } of benchmarks)
    if (scores[primary] !== undefined && scores[primary].headline.value === null)
      notes.push(
        `${title} has no headline number: ${scores[primary].headline.name} needs parts that are not in the data or the sample.`,
      );
  return notes;
}

/** The parameter count that a model's name states (`135M`, `4B`); `undefined` where it states none. */
export function parametersInName(model: string): number | undefined {
  const found = /(?:^|[^A-Za-z0-9.])(\d+(?:\.\d+)?)\s?([MB])(?![A-Za-z0-9])/i.exec(model);
  return found === null ? undefined : Number(found[1]) * (found[2]!.toUpperCase() === "B" ? 1e9 : 1e6);
}
