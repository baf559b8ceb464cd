import type { Message } from "../core/message.ts";
import type { BenchItem, LoadOptions } from "./benchmark.ts";
import { makeItem } from "./make-item.ts";

/** A response with its rating; `null` where it has none. */
export interface RatedResponse {
  text: string;
  rating: number | null;
}

/**
 * An item of responses with ratings of one attribute. Two responses make a pair where their ratings differ by at least
 * `minGap` (default 1); ties make none. Responses without a rating are left out. `undefined` where no pair remains.
 */
export function ratedItem(
  key: string,
  parts: { subset: string; query: string | Message[]; responses: RatedResponse[]; attribute: string },
  { minGap = 1 }: Pick<LoadOptions, "minGap">,
): BenchItem | undefined {
  const rated = parts.responses.filter((one): one is { text: string; rating: number } => one.rating !== null);
  const quality = rated.map(({ rating }) => rating);
  const pairs: BenchItem["pairs"] = [];
  for (let i = 0; i < quality.length; i++)
    for (let j = i + 1; j < quality.length; j++) {
      const gap = quality[i]! - quality[j]!;
      // Means of ratings differ by thirds and quarters, whose rounding must not decide.
      if (gap === 0 || Math.abs(gap) < minGap - 1e-9) continue;
      pairs.push(gap > 0 ? [i, j] : [j, i]);
    }
  if (pairs.length === 0) return undefined;
  return makeItem(
    { key },
    {
      subset: parts.subset,
      query: parts.query,
      responses: rated.map(({ text }) => text),
      quality,
      pairs,
      label: { attribute: parts.attribute, minGap, unrated: parts.responses.length - rated.length },
    },
  );
}

/** How pairs were made, for a result's details. */
export function pairRule(label: Record<string, unknown> | undefined): Record<string, unknown> {
  return { attribute: label?.attribute ?? null, minGap: label?.minGap ?? null, equalRatings: "no pair" };
}
