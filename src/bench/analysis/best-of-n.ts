import { InputError } from "../../core/errors.ts";
import { type BootstrapOptions, bootstrap, type Interval } from "../../core/statistics/index.ts";
import type { ItemScores } from "../benchmark.ts";
import { bestOfKCurve } from "../best-of-k.ts";
import type { MeasuredItem } from "./measured-item.ts";
import { inDataOrder, queryClusters } from "./query-clusters.ts";

/** Who picks: the scores, the label (best possible), chance, and length alone. */
export const pickers = ["judge", "oracle", "random", "longer", "shorter"] as const;
export type Picker = (typeof pickers)[number];

/** Mean over items of the expected quality of the picked response, in the unit of the items' quality. */
export interface PickedQuality {
  value: number | null;
  /** `null` with fewer than two queries. */
  interval: Interval | null;
}

/** One point of the Best-of-N curves. */
export interface BestOfNPoint {
  n: number;
  /** Items with at least n responses; only they count. Curves are over the same items where this stays the same. */
  items: number;
  quality: Record<Picker, PickedQuality>;
}

/**
 * Best-of-N curves with 95 % bootstrap intervals over queries: the expected quality of the response picked among n random
 * candidates of an item, exact over all subsets, equal scores sharing the pick, unscored ones last. At n = 1 it is the
 * mean quality, at all candidates the mean quality of the top tie group. Throws `InputError` for an n below 1.
 */
export function bestOfN(
  items: readonly MeasuredItem[],
  ns: readonly number[],
  options: Omit<BootstrapOptions, "clusters">,
): BestOfNPoint[] {
  const wrong = ns.find((n) => !(Number.isInteger(n) && n >= 1));
  if (wrong !== undefined) throw new InputError(`must be whole numbers from 1, got ${wrong}`, { field: "n" });
  const largest = Math.max(0, ...ns);
  const ordered = inDataOrder(items);
  // Axes: item, picker, n - 1.
  const curves = ordered.map((item) =>
    pickers.map((picker) => bestOfKCurve(scoresOf(picker, item), item.item.quality, largest)),
  );
  return ns.map((n) => {
    const members = ordered.flatMap(({ item }, index) => (item.quality.length >= n ? [index] : []));
    // Axes: member, picker.
    const expected = members.map((index) => curves[index]!.map((curve) => curve[n - 1]!));
    const means = (drawn: Int32Array): (number | null)[] => {
      const sums = pickers.map(() => 0);
      for (const member of drawn) {
        const ofMember = expected[member]!;
        for (let picker = 0; picker < sums.length; picker++) sums[picker]! += ofMember[picker]!;
      }
      return sums.map((sum) => (drawn.length === 0 ? null : sum / drawn.length));
    };
    const clusters = queryClusters(members.map((index) => ordered[index]!));
    const values = means(Int32Array.from(members.keys()));
    const intervals = bootstrap(members.length, means, { ...options, clusters });
    const quality = (picker: Picker): PickedQuality => {
      const index = pickers.indexOf(picker);
      return { value: values[index]!, interval: intervals[index]! };
    };
    return {
      n,
      items: members.length,
      quality: {
        judge: quality("judge"),
        oracle: quality("oracle"),
        random: quality("random"),
        longer: quality("longer"),
        shorter: quality("shorter"),
      },
    };
  });
}

function scoresOf(picker: Picker, { item, scores, lengths }: MeasuredItem): ItemScores {
  if (picker === "judge") return scores;
  if (picker === "oracle") return item.quality;
  if (picker === "random") return item.quality.map(() => 0);
  return picker === "longer" ? lengths : lengths.map((length) => -length);
}
