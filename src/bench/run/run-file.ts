import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { readRunDescription, runFileName } from "../../data/read-run-description.ts";
import { benchModes } from "./bench-mode.ts";
import { type Control, controlNames } from "./controls.ts";

const count = z.int().nonnegative();
const dataFile = z.object({ file: z.string(), bytes: count, sha256: z.string() });

const runFile = z.object({
  kind: z.literal("bench"),
  format: z.literal(1),
  run: z.string(),
  startedAt: z.string(),
  version: z.string(),
  benchmarks: z.array(z.object({ name: z.string(), title: z.string(), path: z.string() })),
  settings: z.object({
    benchmarks: z.record(
      z.string(),
      z.object({
        items: count,
        total: count,
        choice: z.string(),
        files: z.array(dataFile),
        attribute: z.string().nullable(),
        minGap: z.number().nullable(),
      }),
    ),
    limit: count.nullable(),
    seed: count,
    mode: z.enum(benchModes),
    control: z.enum(controlNames as [Control, ...Control[]]).nullable(),
    model: z.object({ engine: z.string(), model: z.string() }),
    guided: z.enum(["native", "grammar", "none"]),
    logprobs: z.boolean(),
    pack: z.string(),
    score: z.enum(["hard", "expected"]),
    criteriaSamples: count,
    evaluations: count,
    temperature: z.number(),
    topP: z.number(),
    maxTokens: z.object({ criteria: count, evaluation: count }),
  }),
});

type Settings = z.infer<typeof runFile>["settings"];

/** What was asked of a benchmark run, and of which versions. */
export interface BenchRun extends Omit<Settings, "benchmarks"> {
  directory: string;
  /** Short hash of the settings, which every line of items.jsonl has too. */
  run: string;
  /** ISO 8601. */
  startedAt: string;
  /** Of the program that began it. */
  version: string;
  /** In the order they were asked for. `items` were chosen, of `total`. */
  benchmarks: ({ name: string; title: string; path: string } & Settings["benchmarks"][string])[];
}

/** Reads run.json. Throws `InputError` where there is none, or one of something else. */
export async function readRunFile(directory: string): Promise<BenchRun> {
  const described = await readRunDescription(directory, runFile, "benchmark run");
  const { run, startedAt, version, settings } = described;
  const benchmarks = described.benchmarks.map((benchmark) => {
    const own = settings.benchmarks[benchmark.name];
    if (own === undefined) {
      const where = { file: join(directory, runFileName), field: "settings.benchmarks" };
      throw new InputError(`has nothing about ${benchmark.name}`, where);
    }
    return { ...benchmark, ...own };
  });
  return { ...settings, directory, run, startedAt, version, benchmarks };
}
