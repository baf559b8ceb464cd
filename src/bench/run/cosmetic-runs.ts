import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ChosenItems, narrowChoice } from "./choose-items.ts";
import { type Control, controlNames } from "./controls.ts";
import { type BenchProgress, type RunBenchOptions, runBench } from "./run-bench.ts";

/** In a run directory: the runs of its items with changed responses, each in a folder called by its change. */
const folder = "cosmetic";

export interface CosmeticRunsOptions extends Omit<RunBenchOptions, "control" | "onProgress" | "limit"> {
  /** Items that are judged with each change. Default: a tenth of the run's, at least one a benchmark, at most 100. */
  items?: number;
  seed: number;
  onProgress?: (control: Control, progress: BenchProgress) => void;
}

/**
 * Judges a sample of a run's items with every cosmetic change of the responses, in folders below the run directory; the
 * run's report then says what the changes did to rewards. Continued, killed and refused as `runBench` is.
 */
export async function runCosmeticChanges(options: CosmeticRunsOptions): Promise<void> {
  const { items, seed, onProgress, out, chosen, ...rest } = options;
  const total = chosen.reduce((sum, { keys }) => sum + keys.size, 0);
  const limit = Math.min(total, items ?? defaultItems(chosen, total));
  if (limit === 0) return;
  const sample = limit === total ? chosen : narrowChoice(chosen, limit, seed);
  for (const control of controlNames)
    await runBench({
      ...rest,
      ...{ out: join(out, folder, control), chosen: sample, limit, control },
      onProgress: onProgress && ((progress) => onProgress(control, progress)),
    });
}

/** The directories of a run's cosmetic changes that have a judged item, in the order of names. */
export async function findCosmeticRuns(out: string): Promise<string[]> {
  const names = await readdir(join(out, folder)).catch(() => []);
  const found = await Promise.all(
    names.sort().map(async (name) => {
      const directory = join(out, folder, name);
      const items = await stat(join(directory, "items.jsonl")).catch(() => undefined);
      return items !== undefined && items.size > 0 ? [directory] : [];
    }),
  );
  return found.flat();
}

function defaultItems(chosen: readonly ChosenItems[], total: number): number {
  return Math.max(chosen.length, Math.min(100, Math.ceil(total / 10)));
}
