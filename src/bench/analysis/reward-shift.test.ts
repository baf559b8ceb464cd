import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../core/errors.ts";
import { rewardShift } from "./index.ts";
import { pairItem, pairItems } from "./test-helpers.ts";

test("shift, flips, ties and overtakes by hand", () => {
  const original = [
    pairItem(0, [8, 6]),
    pairItem(1, [7, 5]),
    pairItem(2, [4, 4]),
    pairItem(3, [9, null]),
    pairItem(9, [1, 2]),
  ];
  const changed = [pairItem(0, [7, 9]), pairItem(1, [7, 7]), pairItem(2, [5, 4]), pairItem(3, [9, 3])];
  const found = rewardShift(original, changed, { seed: 1, resamples: 500 });
  expect(found).toMatchObject({ items: 4, responses: 7, onlyOriginal: 0, onlyChanged: 1, orderedPairs: 2 });
  expect(found.mean).toBeCloseTo((-1 + 3 + 0 + 2 + 1 + 0 + 0) / 7, 12);
  expect(found.rose! + found.fell! + found.stayed!).toBeCloseTo(1, 12);
  expect(found).toMatchObject({ rose: 3 / 7, fell: 1 / 7, flips: 0.5, ties: 0.5, overtakes: 0.5 });
  expect(found.interval!.low).toBeLessThan(found.mean!);
  expect(found.interval!.high).toBeGreaterThan(found.mean!);
});

test("a constant bonus shifts by itself and flips nothing", () => {
  fc.assert(
    fc.property(pairItems, fc.integer({ min: -3, max: 3 }), (items, bonus) => {
      const changed = items.map((item) => ({
        ...item,
        scores: item.scores.map((score) => (score === null ? null : score + bonus)),
      }));
      const found = rewardShift(items, changed, { seed: 1, resamples: 20 });
      if (found.responses === 0) expect(found.mean).toBeNull();
      else expect(found.mean).toBeCloseTo(bonus, 12);
      if (found.interval !== null) {
        expect(found.interval.low).toBeCloseTo(bonus, 12);
        expect(found.interval.high).toBeCloseTo(bonus, 12);
      }
      if (found.orderedPairs > 0) expect(found).toMatchObject({ flips: 0, ties: 0 });
    }),
  );
});

test("an item with another number of scores is refused by its key", () => {
  const attempt = () => rewardShift([pairItem(4, [1, 2])], [pairItem(4, [1, 2, 3])], { seed: 1 });
  expect(attempt).toThrow(InputError);
  expect(attempt).toThrow('"data.jsonl#4" has 2 scores in the original and 3');
});
