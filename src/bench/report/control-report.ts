import {
  constantJudge,
  lengthRuler,
  type MeasuredItem,
  type ResampleOptions,
  rewardShift,
  type ShuffledNumber,
  shuffledNumbers,
} from "../analysis/index.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import type { Estimate } from "./format.ts";
import { type ControlRow, estimate, type ShiftReport } from "./report.ts";

type Scorer = Pick<Benchmark, "score">;

/** What the benchmark gives to judges that know nothing, on the same items. */
export async function controlRows(
  benchmark: Scorer,
  items: MeasuredItem[],
  options: ResampleOptions,
): Promise<ControlRow[]> {
  const { longer, shorter } = lengthRuler(items);
  const shuffled = await shuffledNumbers(benchmark, items, { seed: options.seed, signal: options.signal });
  return [
    rowOf("longest response", benchmark, longer),
    rowOf("shortest response", benchmark, shorter),
    rowOf("constant judge", benchmark, constantJudge(items)),
    {
      name: "shuffled labels",
      headline: rangeOf(shuffled.headline),
      strict: rangeOf(shuffled.strict),
      half: rangeOf(shuffled.half),
    },
  ];
}

function rangeOf({ mean, low, high }: ShuffledNumber): Estimate {
  return { value: mean, low, high };
}

function rowOf(name: string, benchmark: Scorer, items: ScoredItem[]): ControlRow {
  const { headline, pairs } = benchmark.score(items);
  return {
    name,
    headline: estimate(headline.value, null),
    strict: estimate(pairs.strict, null),
    half: estimate(pairs.half, null),
  };
}

/** How the rewards moved from a run to one with changed responses, on the items that both have. */
export function shiftReport(
  control: string,
  benchmark: Scorer,
  original: MeasuredItem[],
  changed: MeasuredItem[],
  options: ResampleOptions,
): ShiftReport {
  const { seed, resamples, level } = options;
  const common = (items: MeasuredItem[], others: MeasuredItem[]) => {
    const keys = new Set(others.map(({ item }) => item.key));
    return items.filter(({ item }) => keys.has(item.key));
  };
  const headline = (items: MeasuredItem[]) => benchmark.score(items).headline.value;
  return {
    control,
    shift: rewardShift(original, changed, { seed, resamples, level }),
    headline: { before: headline(common(original, changed)), after: headline(common(changed, original)) },
  };
}
