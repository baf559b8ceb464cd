import fc from "fast-check";
import { expect, test } from "vitest";
import { studentTQuantile, studentTTail } from "./student-t.ts";

// Upper quantiles from printed tables of Student's distribution, to their three digits.
test.each([
  [0.25, 1, 1],
  [0.05, 1, 6.314],
  [0.025, 1, 12.706],
  [0.005, 1, 63.657],
  [0.05, 2, 2.92],
  [0.025, 5, 2.571],
  [0.01, 5, 3.365],
  [0.05, 10, 1.812],
  [0.025, 10, 2.228],
  [0.005, 10, 3.169],
  [0.05, 30, 1.697],
  [0.025, 60, 2],
  [0.001, 120, 3.16],
])("the value exceeded with probability %d at %d degrees of freedom is %d", (tail, degrees, value) => {
  expect(studentTQuantile(tail, degrees)).toBeCloseTo(value, 2);
  expect(Math.abs(studentTQuantile(tail, degrees) - value)).toBeLessThan(6e-4);
});

test("with many degrees of freedom it is the normal distribution, with one Cauchy's", () => {
  expect(studentTQuantile(0.025, 1e7)).toBeCloseTo(1.959964, 5);
  for (const tail of [0.4, 0.1, 0.001]) {
    const cauchy = Math.tan(Math.PI * (0.5 - tail));
    expect(studentTQuantile(tail, 1) / cauchy).toBeCloseTo(1, 8);
  }
});

test("property: the tail beyond a quantile is the probability asked for, and half lies above zero", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 0.499, noNaN: true }),
      fc.integer({ min: 1, max: 500 }),
      (tail, degrees) => {
        expect(studentTTail(studentTQuantile(tail, degrees), degrees) / tail).toBeCloseTo(1, 6);
        expect(studentTTail(0, degrees)).toBeCloseTo(0.5, 12);
      },
    ),
  );
});
