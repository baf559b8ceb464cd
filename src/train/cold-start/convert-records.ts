import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import type { Pack } from "../../prompts/pack.ts";
import type { ColdStartExample } from "./cold-start-example.ts";
import { type FinishOptions, finishSet } from "./finish-set.ts";
import type { Contamination } from "./open-contamination.ts";
import type { RecordSource } from "./records/record-source.ts";
import type { SetReport } from "./set-report.ts";
import { writeSet } from "./write-set.ts";

export interface ConvertRecordsOptions extends Omit<FinishOptions, "contamination"> {
  /** Folder with a folder for each source. */
  data: string;
  sources: readonly RecordSource[];
  pack: Pack;
  contamination?: Contamination;
  /** Folder for the set. */
  out: string;
  /** What counts tokens, for the report. */
  tokenizer: string;
  onProgress?: (records: number) => void;
  signal?: AbortSignal;
}

/**
 * Makes a cold-start set of records that people and models have left: criteria and verdicts become conversations of a
 * judge by the rules that each source's file states. Throws `InputError` for a file that is missing or of another kind.
 */
export async function convertRecords(options: ConvertRecordsOptions): Promise<SetReport> {
  const { data, sources, pack, countTokens, contamination, out, signal } = options;
  const examples: ColdStartExample[] = [];
  const reports: SetReport["sources"] = [];
  let done = 0;
  for (const { name, licence, origin, files, convert } of sources) {
    const report = { name, licence, origin, records: 0, examples: 0, without: {} as Record<string, number> };
    reports.push(report);
    for (const file of files.map((one) => join(data, one))) {
      await expectFile(file, name);
      for await (const conversion of convert(file, { pack, countTokens, signal })) {
        report.records++;
        options.onProgress?.(++done);
        if (conversion.ok) {
          report.examples++;
          examples.push({ ...conversion.example, id: `${name}/${conversion.example.id}` });
        } else report.without[conversion.reason] = (report.without[conversion.reason] ?? 0) + 1;
      }
    }
  }
  const { maxTokens, heldOutShare, tokenBudget, seed, tokenizer } = options;
  const set = await finishSet(examples, {
    ...{ countTokens, maxTokens, heldOutShare, tokenBudget, seed, contamination: contamination?.find },
  });
  if (set.train.length === 0)
    throw new InputError("no example is left; see which checks left them out, and loosen them");
  return writeSet(out, set, {
    ...{ made: "records", pack: pack.identity, sources: reports },
    settings: { maxTokens, heldOutShare, tokenBudget, seed, tokenizer },
    comparedWith: { sets: Object.fromEntries(contamination?.sets ?? []), missing: contamination?.missing ?? [] },
  });
}

async function expectFile(file: string, source: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return;
  throw new InputError(
    `is not there, and ${source} needs it; name the folder that holds it with --data, or leave the source out`,
    { file },
  );
}
