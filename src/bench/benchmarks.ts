import { InputError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Benchmark } from "./benchmark.ts";
import { helpsteer } from "./benchmarks/helpsteer.ts";
import { judgebench } from "./benchmarks/judgebench.ts";
import { llmbar } from "./benchmarks/llmbar.ts";
import { pairs } from "./benchmarks/pairs.ts";
import { ppe } from "./benchmarks/ppe.ts";
import { rewardbench } from "./benchmarks/rewardbench.ts";
import { rewardbench2 } from "./benchmarks/rewardbench-2.ts";
import { rmBench } from "./benchmarks/rm-bench.ts";
import { rmb } from "./benchmarks/rmb.ts";
import { ultrafeedback } from "./benchmarks/ultrafeedback.ts";

/** Every benchmark, in the order of lists. */
export const benchmarks: readonly Benchmark[] = [
  rewardbench,
  rewardbench2,
  rmBench,
  judgebench,
  ppe,
  rmb,
  llmbar,
  pairs,
  helpsteer,
  ultrafeedback,
];

/** The benchmark of a name. Throws `InputError` where there is none. */
export function findBenchmark(name: string): Benchmark {
  const found = benchmarks.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = benchmarks.map((one) => one.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new InputError(`there is no benchmark "${name}"; expected one of ${names.join(", ")}${hint}`, {
    field: "name",
  });
}
