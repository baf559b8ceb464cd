import fc from "fast-check";
import { expect, test } from "vitest";
import { stableHash, stableJson } from "./hash.ts";

test("the order of members and members that are undefined do not matter, everything else does", () => {
  expect(stableJson({ b: 1, a: [2, { d: 3, c: null }], e: undefined })).toBe('{"a":[2,{"c":null,"d":3}],"b":1}');
  expect(stableHash({ a: 1, b: 2 })).toBe(stableHash({ b: 2, a: 1 }));
  expect(stableHash({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
  const different = [{ a: 1 }, { a: "1" }, { a: [1] }, { a: null }, {}, [], null, "a", { b: 1 }];
  expect(new Set(different.map(stableHash)).size).toBe(different.length);
});

test("property: it is JSON of the same value, and values that differ have other hashes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(JSON.parse(stableJson(a))).toEqual(JSON.parse(JSON.stringify(a)));
      const equal = JSON.stringify(JSON.parse(stableJson(a))) === JSON.stringify(JSON.parse(stableJson(b)));
      expect(stableHash(a) === stableHash(b)).toBe(equal);
    }),
  );
});
