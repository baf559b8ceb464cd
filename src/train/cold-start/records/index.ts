import { InputError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import { biggenBench } from "./biggen-bench.ts";
import { infobench } from "./infobench.ts";
import { qaFeedback } from "./qa-feedback.ts";
import type { RecordSource } from "./record-source.ts";
import { writingBench } from "./writing-bench.ts";

export type { RecordSource } from "./record-source.ts";

/** Every source of records, in the order of lists. */
export const recordSources: readonly RecordSource[] = [writingBench, biggenBench, infobench, qaFeedback];

/** The source of a name. Throws `InputError` where there is none. */
export function findRecordSource(name: string): RecordSource {
  const found = recordSources.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = recordSources.map((one) => one.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new InputError(`there is no source of records "${name}"; expected one of ${names.join(", ")}${hint}`, {
    field: "source",
  });
}
