import fc from "fast-check";
import { expect, test } from "vitest";
import { kendallTauB, pearson, rocAuc, simpleRegression, spearman } from "./index.ts";

const paired = fc
  .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })), { maxLength: 40 })
  .map((pairs) => ({ x: pairs.map((pair) => pair[0]), y: pairs.map((pair) => pair[1]) }));

test("Pearson and the regression line of Anscombe's first set (Anscombe 1973)", () => {
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
  expect(pearson(x, y)).toBeCloseTo(0.81642, 5);
  const line = simpleRegression(x, y)!;
  expect(line.slope).toBeCloseTo(0.5001, 4);
  expect(line.intercept).toBeCloseTo(3.0001, 4);
  expect(line.rSquared).toBeCloseTo(0.66654, 5);
});

test("Spearman with ties (example of SciPy's spearmanr) and without (6 * 194 / 990 worked by hand)", () => {
  expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
  const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110];
  const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];
  expect(spearman(iq, hours)).toBeCloseTo(1 - (6 * 194) / 990, 12);
});

test("Kendall's tau-b with ties on both sides (example of SciPy's kendalltau, and its value on a second list)", () => {
  expect(kendallTauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.4714045207910316, 12);
  expect(kendallTauB([1, 2, 2, 3, 4, 4, 5], [2, 1, 3, 3, 5, 4, 5])).toBeCloseTo(0.7894736842105262, 12);
});

test("Kendall's tau-b counted by merge sort equals counting every pair", () => {
  fc.assert(
    fc.property(paired, ({ x, y }) => {
      let difference = 0;
      let untiedX = 0;
      let untiedY = 0;
      for (let i = 0; i < x.length; i++) {
        for (let j = 0; j < i; j++) {
          const product = Math.sign(x[i]! - x[j]!) * Math.sign(y[i]! - y[j]!);
          difference += product;
          if (x[i] !== x[j]) untiedX++;
          if (y[i] !== y[j]) untiedY++;
        }
      }
      const tau = kendallTauB(x, y);
      if (untiedX === 0 || untiedY === 0) expect(tau).toBeNull();
      else expect(tau).toBeCloseTo(difference / Math.sqrt(untiedX * untiedY), 12);
    }),
  );
});

test("rank correlations do not change under monotone transforms; all are symmetric and turn with the sign", () => {
  fc.assert(
    fc.property(paired, ({ x, y }) => {
      const stretched = x.map((value) => Math.exp(value) + value);
      const turned = x.map((value) => -value);
      for (const correlate of [spearman, kendallTauB]) expect(correlate(stretched, y)).toBe(correlate(x, y));
      for (const correlate of [pearson, spearman, kendallTauB]) {
        const value = correlate(x, y);
        if (value === null) expect(correlate(turned, y)).toBeNull();
        else {
          expect(correlate(turned, y)).toBeCloseTo(-value, 12);
          expect(correlate(y, x)).toBeCloseTo(value, 12);
        }
      }
    }),
  );
});

test("R^2 is the squared correlation", () => {
  fc.assert(
    fc.property(paired, ({ x, y }) => {
      const correlation = pearson(x, y);
      if (correlation === null) expect(simpleRegression(x, y)).toBeNull();
      else expect(simpleRegression(x, y)!.rSquared).toBeCloseTo(correlation ** 2, 12);
    }),
  );
});

test("a list that does not vary has no correlation, even where its mean is rounded", () => {
  const flat = [0.1, 0.1, 0.1];
  for (const correlate of [pearson, spearman, kendallTauB, simpleRegression]) {
    expect(correlate(flat, [1, 2, 3])).toBeNull();
    expect(correlate([1, 2, 3], flat)).toBeNull();
    expect(correlate([], [])).toBeNull();
  }
});

test("ROC-AUC (example of scikit-learn's roc_auc_score) is the share of ordered pairs, ties one half", () => {
  expect(rocAuc([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75);
  expect(rocAuc([1, 2], [true, true])).toBeNull();
  const labelled = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(labelled, (cases) => {
      const right = cases.filter((one) => one[1]);
      const wrong = cases.filter((one) => !one[1]);
      const won = right.flatMap(([a]) => wrong.map(([b]) => (a > b ? 1 : a === b ? 0.5 : 0)));
      const area = rocAuc(
        cases.map((one) => one[0]),
        cases.map((one) => one[1]),
      );
      if (won.length === 0) expect(area).toBeNull();
      else expect(area).toBeCloseTo(won.reduce<number>((sum, one) => sum + one, 0) / won.length, 12);
    }),
  );
});
