import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../core/random.ts";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { Shingler } from "../text/shingles.ts";
import { bandingFor, bandKeys } from "./bands.ts";
import { bins, minHash } from "./min-hash.ts";
import { radixOrder } from "./radix-order.ts";

test("keys are put in order, equal ones as they stand", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(5), fc.integer({ min: 0, max: 0xffffffff }))), (numbers) => {
      const keys = Uint32Array.from(numbers);
      const expected = numbers.map((_, at) => at).sort((a, b) => keys[a]! - keys[b]! || a - b);
      expect([...radixOrder(keys)]).toEqual(expected);
    }),
  );
});

describe("signatures", () => {
  const random = seededRandom(5);
  const text = (words: number) => Array.from({ length: words }, () => `w${Math.floor(random() * 5000)}`);
  const shingler = new Shingler(3);
  const signatureOf = (words: string[]) => {
    const [list, signature] = [new HashList(), new Uint32Array(bins)];
    minHash(shingler.shingle([words.join(" ")], list), signature);
    return { list, signature };
  };
  /** Two texts of which some words differ. */
  const pair = (length: number, changed: number) => {
    const words = text(length);
    const other = [...words];
    for (let change = 0; change < changed; change++)
      other[Math.floor(random() * length)] = `x${Math.floor(random() * 5000)}`;
    return [signatureOf(words), signatureOf(other)] as const;
  };

  test.each([
    [400, 20],
    [400, 3],
    // Fewer runs than bins: most bins are borrowed.
    [40, 2],
  ])("of %i words with %i changed: the share of equal bins is the similarity, without bias", (length, changed) => {
    let [error, count] = [0, 300];
    for (let at = 0; at < count; at++) {
      const [a, b] = pair(length, changed);
      const equal = a.signature.filter((value, bin) => value === b.signature[bin]).length / bins;
      error += equal - jaccard(a.list, b.list);
    }
    expect(Math.abs(error / count)).toBeLessThan(0.02);
  });

  test("the empty set has none", () => {
    expect(minHash(new HashList(), new Uint32Array(bins))).toBe(false);
  });

  test.each([0.5, 0.7, 0.8, 0.9])("at threshold %d, similar texts share a band and most others none", (threshold) => {
    const banding = bandingFor(threshold);
    expect(banding.bands * banding.rows).toBeLessThanOrEqual(bins);
    const share = (a: Uint32Array, b: Uint32Array) => {
      const [left, right] = [new Uint32Array(banding.bands), new Uint32Array(banding.bands)];
      bandKeys(a, banding, left, 0);
      bandKeys(b, banding, right, 0);
      return left.some((key, band) => key === right[band]);
    };
    let [similar, found, far, wrong] = [0, 0, 0, 0];
    for (let at = 0; at < 3000; at++) {
      const [a, b] = pair(120, Math.floor(random() * 30));
      const similarity = jaccard(a.list, b.list);
      const candidate = share(a.signature, b.signature);
      if (similarity >= threshold) {
        similar++;
        if (candidate) found++;
      } else if (similarity < 0.2) {
        far++;
        if (candidate) wrong++;
      }
    }
    expect(similar).toBeGreaterThan(50);
    expect(found / similar).toBeGreaterThanOrEqual(0.99);
    if (threshold >= 0.7) expect(wrong / Math.max(1, far)).toBeLessThan(0.2);
  });
});
