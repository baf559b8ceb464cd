import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestOfKCurve, expectedBestOfK } from "./best-of-k.ts";

/** The expectation by trying every sample. */
function bruteForce(scores: (number | null)[], quality: number[], k: number): number {
  let [sum, samples] = [0, 0];
  for (let mask = 0; mask < 1 << scores.length; mask++) {
    const sample = scores.flatMap((_, index) => (mask & (1 << index) ? [index] : []));
    if (sample.length !== k) continue;
    const top = Math.max(...sample.map((index) => scores[index] ?? -1e9));
    const best = sample.filter((index) => (scores[index] ?? -1e9) === top);
    sum += best.reduce((total, index) => total + quality[index]!, 0) / best.length;
    samples++;
  }
  return sum / samples;
}

describe("best of k", () => {
  it("equals the mean over all samples, with ties and unscored responses", () => {
    const response = fc.tuple(fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.array(response, { minLength: 1, maxLength: 7 }), (responses) => {
        const scores = responses.map(([score]) => score);
        const quality = responses.map(([, value]) => value);
        const curve = bestOfKCurve(scores, quality);
        expect(curve).toHaveLength(scores.length);
        for (const [index, value] of curve.entries())
          expect(value).toBeCloseTo(bruteForce(scores, quality, index + 1), 9);
      }),
      { numRuns: 60 },
    );
  });

  it("begins at the mean quality and ends at that of the highest tie group", () => {
    const curve = bestOfKCurve([5, 9, 9, 1], [1, 0, 1, 1]);
    expect(curve[0]).toBeCloseTo(0.75, 12);
    expect(curve[3]).toBeCloseTo(0.5, 12);
    expect(expectedBestOfK([5, 9, 9, 1], [1, 0, 1, 1], 1)).toBeCloseTo(0.75, 12);
  });

  it("stays exact for a thousand responses", () => {
    const scores = Array.from({ length: 1000 }, (_, index) => index);
    const quality = scores.map((score) => (score === 999 ? 1 : 0));
    expect(bestOfKCurve(scores, quality)[499]).toBeCloseTo(0.5, 12);
  });
});
