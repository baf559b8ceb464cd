import fc from "fast-check";
import { expect, test } from "vitest";
import { IdIndex } from "./id-index.ts";

test("behaves like a Map that keeps first values", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 2 }), { maxLength: 300 }), (ids) => {
      const index = new IdIndex();
      const map = new Map<string, number>();
      ids.forEach((id, place) => {
        expect(index.has(id)).toBe(map.has(id));
        expect(index.add(id, place)).toBe(map.get(id));
        if (!map.has(id)) map.set(id, place);
      });
      expect(index.size).toBe(map.size);
    }),
  );
});

test("finds every id after it has grown", () => {
  const index = new IdIndex();
  for (let place = 0; place < 20_000; place++) index.add(`id ${place}`, place);
  expect(index.size).toBe(20_000);
  expect(index.add("id 0", 1)).toBe(0);
  expect(index.add("id 19999", 1)).toBe(19_999);
  expect(index.has("id 20000")).toBe(false);
});
