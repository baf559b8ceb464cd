import fc from "fast-check";
import { expect, test } from "vitest";
import { barChart } from "./bar-chart.ts";
import { linear, niceTicks } from "./frame.ts";
import { heatMap } from "./heat-map.ts";
import { histogram } from "./histogram.ts";
import { lineChart } from "./line-chart.ts";

const text = { id: "c", title: "T <b>", description: "D & d" };
const numbersOf = (svg: string, name: string) =>
  [...svg.matchAll(new RegExp(`<rect[^>]* ${name}="([-\\d.]+)"[^>]*class="bar`, "g"))].map((match) => Number(match[1]));

test("niceTicks spans the range with evenly spaced round values", () => {
  expect(niceTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(niceTicks(3, 3)).toEqual([2.4, 2.6, 2.8, 3, 3.2, 3.4, 3.6]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e4, max: 1e4, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
      (low, span) => {
        const ticks = niceTicks(low, low + span);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(9);
        expect(ticks[0]!).toBeLessThanOrEqual(low + span * 1e-6);
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(low + span - span * 1e-6);
      },
    ),
  );
});

test("a linear scale of one value does not divide by zero", () => {
  expect(linear([2, 2], [10, 20])(2)).toBe(10);
});

test("bars are as long as their values, carry their interval, and say when there is none", () => {
  const svg = barChart({
    ...text,
    series: ["hard"],
    rows: [
      { label: "one <i>", values: [{ value: 0.5, low: 0.4, high: 0.6 }] },
      { label: "two", values: [{ value: 1, low: null, high: null }] },
      { label: "three", values: [{ value: null, low: null, high: null }] },
    ],
  }).text;
  const [half, whole] = numbersOf(svg, "width");
  expect(whole! / half!).toBeCloseTo(2, 2);
  expect(svg.match(/class="whisker"/g)).toHaveLength(1);
  expect(svg).toContain("not available");
  expect(svg).toContain("50.0");
  expect(svg).toContain("one &lt;i&gt;");
  expect(svg).toContain('<title id="c-title">T &lt;b&gt;</title>');
});

test("bars of negative values stay in the picture", () => {
  const svg = barChart({
    ...text,
    series: ["a"],
    rows: [{ label: "x", values: [{ value: -0.5, low: -0.7, high: -0.3 }] }],
  }).text;
  for (const x of numbersOf(svg, "x")) expect(x).toBeGreaterThan(200);
  for (const width of numbersOf(svg, "width")) expect(width).toBeGreaterThan(0);
});

test("histogram bars are as high as their counts", () => {
  const bins = [
    { low: 0, high: 0.5, count: 4 },
    { low: 0.5, high: 1, count: 0 },
    { low: 1, high: 1.5, count: 8 },
  ];
  const heights = numbersOf(histogram({ ...text, bins, xLabel: "score", xFormat: String }).text, "height");
  expect(heights[2]! / heights[0]!).toBeCloseTo(2, 2);
  expect(heights[1]).toBe(0);
});

test("heat map cells are as deep as their values and show them", () => {
  const svg = heatMap({
    ...text,
    rows: { title: "chosen", labels: ["a", "b"] },
    columns: { title: "rejected", labels: ["c", "d"] },
    cells: [
      [0, 1],
      [0.25, 0.5],
    ],
  }).text;
  const depths = [...svg.matchAll(/fill-opacity="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(depths[0]!).toBeLessThan(depths[2]!);
  expect(depths[3]!).toBeLessThan(depths[1]!);
  for (const value of ["0.0", "25.0", "50.0", "100.0"]) expect(svg).toContain(`>${value}<`);
});

test("lines are named at their ends without covering each other, in every place", () => {
  const y = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(y, { minLength: 2, maxLength: 5 }), (ends) => {
      const svg = lineChart({
        ...text,
        x: { label: "n", scale: "log2", ticks: [1, 2, 4], format: String },
        y: { label: "quality", format: (value) => value.toFixed(2) },
        series: ends.map((end, index) => ({ name: `line ${index}`, points: [1, 2, 4].map((x) => ({ x, y: end })) })),
      }).text;
      expect(svg).not.toMatch(/NaN|Infinity/);
      const places = [...svg.matchAll(/<text x="[\d.]+" y="([-\d.]+)" class="name/g)].map((match) => Number(match[1]));
      expect(places).toHaveLength(ends.length);
      places.sort((a, b) => a - b);
      for (let index = 1; index < places.length; index++)
        expect(places[index]! - places[index - 1]!).toBeGreaterThan(14.7);
      expect(places.at(-1)!).toBeLessThan(290);
    }),
  );
});

test("a single point and points without intervals make a chart", () => {
  const svg = lineChart({
    ...text,
    x: { label: "margin", format: String },
    y: { label: "right", format: String, domain: [0, 1] },
    intervals: "whisker",
    series: [{ name: "right", points: [{ x: 2, y: 0.7, low: 0.5, high: 0.8 }] }],
    reference: { value: 0.5, label: "coin" },
  }).text;
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(svg).toContain("coin");
  expect(svg.match(/class="whisker"/g)).toHaveLength(1);
});
