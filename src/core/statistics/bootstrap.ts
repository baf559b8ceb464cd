import { InputError } from "../errors.ts";
import { seededRandom } from "../random.ts";
import { type Interval, intervalOf } from "./bootstrap-interval.ts";
import { type ClusterSampler, clusterSampler } from "./cluster-sampler.ts";

/**
 * Numbers of a sample, given as indexes of its items (an index drawn twice stands twice). The array is only valid during
 * the call. `null` where a number is not defined on this sample.
 */
export type Statistic = (items: Int32Array) => (number | null)[];

export interface BootstrapOptions {
  seed: number;
  /** Cluster of each item: items with equal numbers are drawn together. Without it every item is its own cluster. */
  clusters?: ArrayLike<number>;
  /** Default 2,000. */
  resamples?: number;
  /** Default 0.95. */
  level?: number;
  /** Default `"percentile"`. BCa is more exact for skewed numbers; it calls the statistic up to `jackknifeGroups` times more. */
  method?: "percentile" | "bca";
  /** With more clusters than this, BCa's jackknife leaves out groups of clusters. Default 200. */
  jackknifeGroups?: number;
}

/**
 * Bootstrap intervals of every number of a statistic (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993).
 * An entry is `null` where the number is not defined on the whole sample, or there are fewer than two clusters.
 */
export function bootstrap(itemCount: number, statistic: Statistic, options: BootstrapOptions): (Interval | null)[] {
  const steps = bootstrapSteps(itemCount, statistic, options);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/**
 * Intervals of the differences second less first of two statistics of the same items, both taken on the same resamples:
 * what both share cancels out.
 */
export function pairedBootstrap(
  itemCount: number,
  first: Statistic,
  second: Statistic,
  options: BootstrapOptions,
): (Interval | null)[] {
  return bootstrap(itemCount, differences(first, second), options);
}

/** Number by number, second less first; `null` where either is not defined. */
export function differences(first: Statistic, second: Statistic): Statistic {
  return (items) => {
    const before = first(items);
    return second(items).map((value, index) => {
      const other = before[index] ?? null;
      return value === null || other === null ? null : value - other;
    });
  };
}

/** `bootstrap` that stops after every resample with the number done, for callers that must stay responsive. */
export function* bootstrapSteps(
  itemCount: number,
  statistic: Statistic,
  options: BootstrapOptions,
): Generator<number, (Interval | null)[]> {
  const { resamples = 2_000, level = 0.95 } = options;
  if (!(Number.isInteger(resamples) && resamples >= 2)) {
    throw new InputError(`must be a whole number from 2, got ${resamples}`, { field: "resamples" });
  }
  if (!(level > 0 && level < 1)) throw new InputError(`must lie between 0 and 1, got ${level}`, { field: "level" });
  const everyItem = Int32Array.from({ length: itemCount }, (_, index) => index);
  const clusters = options.clusters ?? everyItem;
  if (clusters.length !== itemCount) throw new RangeError(`${clusters.length} clusters for ${itemCount} items`);
  const sampler = clusterSampler(clusters);
  const estimates = statistic(everyItem);
  if (sampler.clusterCount < 2) return estimates.map(() => null);
  const random = seededRandom(options.seed);
  const replicates = estimates.map(() => new Float64Array(resamples));
  const counts = estimates.map(() => 0);
  for (let done = 0; done < resamples; done++) {
    statistic(sampler.draw(random)).forEach((value, index) => {
      if (isDefined(value)) replicates[index]![counts[index]!++] = value;
    });
    yield done + 1;
  }
  const jackknife = options.method === "bca" ? jackknifeValues(sampler, statistic, options.jackknifeGroups) : undefined;
  return estimates.map((estimate, index) =>
    isDefined(estimate)
      ? intervalOf(
          estimate,
          replicates[index]!.subarray(0, counts[index]),
          level,
          jackknife?.map((values) => values[index] ?? null).filter(isDefined),
        )
      : null,
  );
}

/** The statistic without each cluster, or each of `limit` groups of clusters: the skewness is the same for both. */
function jackknifeValues(sampler: ClusterSampler, statistic: Statistic, limit = 200): (number | null)[][] {
  const groups = Math.min(limit, sampler.clusterCount);
  return Array.from({ length: groups }, (_, group) => statistic(sampler.leaveOut(group, groups)));
}

function isDefined(value: number | null): value is number {
  return value !== null && !Number.isNaN(value);
}
