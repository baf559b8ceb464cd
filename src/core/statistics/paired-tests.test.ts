import fc from "fast-check";
import { expect, test } from "vitest";
import { mcNemarTest, signFlipTest } from "./index.ts";

test("McNemar of 150 against 86 (Agresti, Categorical Data Analysis, ratings of the Prime Minister): z^2 = 17.36", () => {
  const result = mcNemarTest(150, 86);
  expect(result.chiSquare).toBeCloseTo(17.36, 2);
  // SciPy: chi2.sf(64^2 / 236, 1) and binomtest(86, 236).
  expect(result.asymptoticP / 3.099293441045215e-5).toBeCloseTo(1, 9);
  expect(result.exactP / 3.7159361395713866e-5).toBeCloseTo(1, 9);
});

test("exact McNemar by hand: at most 1 head in 9 tosses is 10 / 512, both sides 20 / 512", () => {
  expect(mcNemarTest(1, 8).exactP).toBeCloseTo(20 / 512, 14);
  expect(mcNemarTest(8, 1).exactP).toBeCloseTo(20 / 512, 14);
  expect(mcNemarTest(0, 0)).toMatchObject({ exactP: 1, asymptoticP: 1, chiSquare: 0 });
  expect(mcNemarTest(4, 4).exactP).toBe(1);
});

test("exact and asymptotic McNemar meet for many discordant cases", () => {
  const result = mcNemarTest(1400, 1600);
  expect(result.exactP / 0.00027856396103923366).toBeCloseTo(1, 8);
  expect(Math.abs(result.exactP - result.asymptoticP)).toBeLessThan(2e-5);
});

test("sign flips of Darwin's maize: 1,726 of 32,768 patterns are as far (Fisher, The Design of Experiments, 1935)", () => {
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  expect(signFlipTest(darwin, { seed: 1 })).toEqual({ sum: 314, p: 1726 / 32_768, exact: true, patterns: 32_768 });
});

test("drawn sign patterns come near the exact share", () => {
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  // Four differences that are small enough not to matter push the list over the limit of the exact count.
  const result = signFlipTest([...darwin, 1e-6, 1e-6, 1e-6, 1e-6], { seed: 3, patterns: 40_000 });
  expect(result.exact).toBe(false);
  // 28 + 28 patterns of the 1,726 have a sum of exactly 314, of which the small ones decide.
  expect(result.p).toBeGreaterThan(0.0475);
  expect(result.p).toBeLessThan(0.0565);
});

test("sign flips: p does not depend on the sign or on zeros, and is never 0", () => {
  const lists = fc.array(fc.constantFrom(-1, -0.5, 0, 0.5, 1, 0.1), { maxLength: 10 });
  fc.assert(
    fc.property(lists, (list) => {
      const { p } = signFlipTest(list, { seed: 5 });
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      expect(signFlipTest([...list.map((value) => -value), 0], { seed: 6 }).p).toBe(p);
    }),
  );
});

test("sign flips of one constant side: only the pattern seen and its mirror are as far", () => {
  expect(signFlipTest([1, 1, 1, 1, 1, 1], { seed: 1 }).p).toBe(2 / 64);
  expect(signFlipTest(Array(400).fill(1), { seed: 1, patterns: 999 }).p).toBe(1 / 1000);
});
