import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyIndex } from "./key-index.ts";

test("is a map in which the first number of a key stays, also when shared", () => {
  const key = fc.tuple(fc.nat(40), fc.constantFrom(0, 1, 0xffffffff, 0x80000000));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3000 }), (keys) => {
      const [index, map] = [new KeyIndex(), new Map<string, number>()];
      for (const [at, [high, low]] of keys.entries()) {
        const known = map.get(`${high}/${low}`);
        expect(index.get(high, low)).toBe(known);
        expect(index.add(high, low, at)).toBe(known ?? at);
        if (known === undefined) map.set(`${high}/${low}`, at);
      }
      expect(index.size).toBe(map.size);
      const shared = KeyIndex.of(index.share());
      for (const [high, low] of keys) expect(shared.get(high, low)).toBe(map.get(`${high}/${low}`));
      expect(shared.get(41, 0)).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});

test("grows", () => {
  const index = new KeyIndex();
  for (let at = 0; at < 50_000; at++) index.add(at * 7, at, at);
  for (let at = 0; at < 50_000; at++) expect(index.get(at * 7, at)).toBe(at);
});
