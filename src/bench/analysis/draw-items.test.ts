import { expect, test } from "vitest";
import { drawItems } from "./draw-items.ts";
import { pairItem } from "./test-helpers.ts";

test("copies of a benchmark's cluster keep their partners apart; other items repeat as they are", () => {
  const partner = (row: number) => {
    const item = pairItem(row, [1, 0]);
    return { ...item, item: { ...item.item, cluster: "Ties:0" } };
  };
  const items = [partner(0), partner(1), pairItem(2, [1, 0])];
  const draw = drawItems(items);
  const drawn = draw(Int32Array.of(0, 1, 0, 1, 2, 2));
  const clusters = drawn.map(({ item }) => item.cluster);
  expect(clusters).toEqual(["Ties:0", "Ties:0", "Ties:0 (draw 2)", "Ties:0 (draw 2)", undefined, undefined]);
  expect(drawn[4]).toBe(items[2]);
  // The next sample starts anew, with the same objects.
  const again = draw(Int32Array.of(0, 0));
  expect(again[0]).toBe(drawn[0]);
  expect(again[1]).toBe(drawn[2]);
});
