import fc from "fast-check";
import { expect, it } from "vitest";
import { interleaveRotaryRows } from "./rotary-order.ts";

it("takes rows of a head's halves in turn, head by head", () => {
  // Two heads of four rows, two columns; a row's values are its number and a tenth more.
  const rows = (...numbers: number[]) => Float32Array.from(numbers.flatMap((number) => [number, number + 0.125]));
  expect(interleaveRotaryRows(rows(0, 1, 2, 3, 4, 5, 6, 7), 2, 2)).toEqual(rows(0, 2, 1, 3, 4, 6, 5, 7));
  expect(interleaveRotaryRows(rows(0, 1, 2, 3, 4, 5, 6, 7), 1, 2)).toEqual(rows(0, 4, 1, 5, 2, 6, 3, 7));
});

it("commutes with the product of the factors: moving b's rows moves those of b a", () => {
  const shape = fc.record({ heads: fc.integer({ min: 1, max: 3 }), half: fc.integer({ min: 1, max: 3 }) });
  fc.assert(
    fc.property(
      shape,
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: -9, max: 9 })),
      (s, rank, stream) => {
        const [rows, columns] = [2 * s.heads * s.half, 4];
        const take = (count: number) => Float32Array.from({ length: count }, () => stream.next().value!);
        const [a, b] = [take(rank * columns), take(rows * rank)];
        const product = (b: Float32Array) =>
          Float32Array.from({ length: rows * columns }, (_, index) => {
            const [row, column] = [Math.floor(index / columns), index % columns];
            return Array.from({ length: rank }, (_, k) => b[row * rank + k]! * a[k * columns + column]!).reduce(
              (x, y) => x + y,
              0,
            );
          });
        expect(product(interleaveRotaryRows(b, s.heads, rank))).toEqual(
          interleaveRotaryRows(product(b), s.heads, columns),
        );
      },
    ),
  );
});

it("refuses rows that do not divide into heads of two halves", () => {
  expect(() => interleaveRotaryRows(new Float32Array(12), 2, 2)).toThrow("6 rows cannot be split into 2 heads");
});
