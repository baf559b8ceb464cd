import { InputError } from "../../core/errors.ts";
import { type BenchRun, readRun } from "../run/index.ts";
import { type CollectedRun, collectRun } from "./collect-run.ts";

/** A run of the same items with changed responses. */
export interface ControlRun {
  control: string;
  collected: CollectedRun;
}

/**
 * Reads a control run of a run. Throws `InputError` where it changed nothing, was judged in another way (the shift would
 * then be of that as well), or has no item of the run.
 */
export async function openControlRun(
  directory: string,
  base: { run: BenchRun; collected: CollectedRun },
  signal?: AbortSignal,
): Promise<ControlRun> {
  const refuse = (message: string) => new InputError(message, { file: directory, field: "control-run" });
  const opened = await readRun(directory);
  const { control } = opened.run;
  if (control === null) throw refuse("its responses were not changed; name a run made with bench run --control");
  const different = differences(base.run, opened.run);
  if (different.length > 0)
    throw refuse(
      `differs from the run in more than its responses: ${different.join(", ")}; run the control with the same settings`,
    );
  const collected = await collectRun(opened, signal);
  const common = [...base.collected.benchmarks].some(([name, { keys }]) => {
    const others = collected.benchmarks.get(name)?.keys;
    return others !== undefined && [...keys].some((key) => others.has(key));
  });
  if (!common) throw refuse("has no item of the run; run the control on the same benchmarks and sample");
  return { control, collected };
}

/** What decides rewards besides the responses, where it differs. */
function differences(base: BenchRun, other: BenchRun): string[] {
  const names = ["mode", "score", "pack", "criteriaSamples", "evaluations", "temperature", "topP"] as const;
  const found = names
    .filter((name) => base[name] !== other[name])
    .map((name) => `${name} ${base[name]} and ${other[name]}`);
  if (base.model.model !== other.model.model) found.unshift(`model ${base.model.model} and ${other.model.model}`);
  return found;
}
