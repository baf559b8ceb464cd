import { z } from "zod";
import { CermError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import type { Message } from "../../core/message.ts";
import { RowAppender } from "../../data/duckdb/row-appender.ts";
import type { JudgeInput } from "../../judge/judgment.ts";
import type { StageContext } from "../stages/stage.ts";
import { type Comparisons, compareSides } from "./compare-sides.ts";

/** How often the judge is asked about a pair. */
export const samplesSchema = z.strictObject({
  /** Lists of criteria. */
  criteria: z.int().min(1).default(2),
  /** Evaluations of each response by each list. */
  evaluations: z.int().min(1).default(2),
  /** Above 0, unless it is asked once. */
  temperature: z.number().min(0).default(0.7),
});

export type Samples = z.infer<typeof samplesSchema>;

/** Largest share of rows on which the engine may fail: beyond it, something is wrong that no row is to blame for. */
const mostFailed = 0.05;

/**
 * The judge's comparisons of every kept row, by number. What it said before, in an earlier stage or a run that was ended, is taken from its store.
 * Rejects with `CermError` where the engine fails on many rows: what was judged is kept.
 */
export async function judgeRows(context: StageContext, samples: Samples): Promise<Map<number, Comparisons>> {
  const { rows, signal } = context;
  await using judge = await context.openJudge({
    criteriaSamples: samples.criteria,
    evaluations: samples.evaluations,
    temperature: samples.temperature,
  });
  const { settings } = judge;
  const name = stableHash([settings.engine.identity, settings.pack.identity, settings.mode, settings.seed, samples]);
  const found = await storedComparisons(context, name);
  const total = await rows.count();
  let [done, failed] = [found.size, 0];
  context.progress(done, total);
  const inputs = async function* (): AsyncGenerator<JudgeInput> {
    for await (const batch of rows.scan(["messages", "chosen", "rejected"], { batch: 64 }))
      for (const [at, n] of batch.n.entries()) {
        if (found.has(n)) continue;
        const responses = [
          { id: "chosen", text: batch.chosen[at]! },
          { id: "rejected", text: batch.rejected[at]! },
        ];
        yield { id: String(n), query: { messages: JSON.parse(batch.messages[at]!) as Message[] }, responses };
      }
  };
  const appender = await RowAppender.open(rows.writer, "judged");
  for await (const judgment of judge.judgeAll(inputs(), { signal })) {
    const comparisons = compareSides(judgment);
    const { won, lost, tied, unscored, engineError } = comparisons;
    if (engineError !== undefined && ++failed > Math.max(10, mostFailed * total))
      throw new CermError(
        "judge-failed",
        `the judge's engine failed on ${failed} of ${done + 1} rows, the last time with: ${engineError}; mend it, and the same command goes on`,
      );
    found.set(Number(judgment.id), comparisons);
    appender.append([Number(judgment.id), name, won, lost, tied, unscored]);
    context.progress(++done, total);
  }
  appender.close();
  return found;
}

/** What an earlier stage of this run heard from the same judge. */
async function storedComparisons({ rows }: StageContext, judge: string): Promise<Map<number, Comparisons>> {
  const stored = await rows.query<Comparisons & { n: number }>(
    "SELECT judged.n, won, lost, tied, unscored FROM judged JOIN rows USING (n) WHERE judge = $1 AND stage = 0",
    [judge],
  );
  return new Map(stored.map(({ n, ...comparisons }) => [n, comparisons]));
}
