import { expect, test } from "vitest";
import { plotTable } from "./plot-table.ts";
import { sparkline } from "./sparkline.ts";

test("a sparkline goes from the lowest value to the highest", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 10)).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([5, 5], 10)).toBe("▅▅");
  expect(sparkline([0, undefined, Number.NaN, 1], 10)).toBe("▁  █");
  expect(sparkline([], 10)).toBe("");
});

test("a long series is averaged over stretches", () => {
  expect(sparkline([0, 2, 3, 5, 6, 8], 3)).toBe("▁▅█");
});

test("a table shows the last value, the plot and the range, and no empty series", () => {
  const table = plotTable(
    [
      { label: "reward", values: [0, 0.5, 1] },
      { label: "held out", values: [undefined, undefined] },
      { label: "kl", values: [0.00012, 0.5], format: (value) => value.toFixed(1) },
    ],
    60,
  );
  expect(table).toEqual([
    expect.stringMatching(/^reward {4}1 {2}▁▅█ +0 to 1$/),
    expect.stringMatching(/^kl {6}0\.5 {2}▁█ +0\.0 to 0\.5$/),
  ]);
  for (const line of table) expect(line.length).toBeLessThan(60);
});
