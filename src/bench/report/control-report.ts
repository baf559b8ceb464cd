import {
  constantJudge,
  lengthRuler,
  type MeasuredItem,
  type ResampleOptions,
  rewardShift,
  shuffledHeadline,
} from "../analysis/index.ts";
import type { Benchmark, ScoredItem } from "../benchmark.ts";
import type { ControlRow, ShiftReport } from "./report.ts";

type Scorer = Pick<Benchmark, "score">;

/** What the benchmark gives to judges that know nothing, on the same items. */
export async function controlRows(
  benchmark: Scorer,
  items: MeasuredItem[],
  options: ResampleOptions,
): Promise<ControlRow[]> {
  const { longer, shorter } = lengthRuler(items);
  const shuffled = await shuffledHeadline(benchmark, items, { seed: options.seed, signal: options.signal });
  return [
    rowOf("longest response", benchmark, longer),
    rowOf("shortest response", benchmark, shorter),
    rowOf("constant judge", benchmark, constantJudge(items)),
    {
      name: "shuffled labels",
      headline: { value: shuffled.mean, low: shuffled.low, high: shuffled.high },
      strict: null,
      half: null,
    },
  ];
}

function rowOf(name: string, benchmark: Scorer, items: ScoredItem[]): ControlRow {
  const { headline, pairs } = benchmark.score(items);
  return { name, headline: { value: headline.value, low: null, high: null }, strict: pairs.strict, half: pairs.half };
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
