import { describe, expect, test } from "vitest";
import { beforePartialStop, findStop } from "./find-stop.ts";

describe("findStop", () => {
  test("finds the earliest of several and ignores empty ones", () => {
    expect(findStop("a}b\nc", ["\n", "}", ""])).toBe(1);
    expect(findStop("abc", ["\n"])).toBe(-1);
    expect(findStop("x\nx\n", ["\n"], 2)).toBe(3);
  });
});

describe("beforePartialStop", () => {
  test("leaves out the longest beginning of a stop text at the end", () => {
    expect(beforePartialStop("good \\box", ["\n", "\\boxed"])).toBe(5);
    expect(beforePartialStop("good \\", ["\\boxed"])).toBe(5);
    expect(beforePartialStop("good [End of", ["[End of Criteria]", "[E"])).toBe(5);
  });

  test("keeps a text that ends in no such beginning", () => {
    expect(beforePartialStop("good box", ["\\boxed", "\n"])).toBe(8);
    expect(beforePartialStop("", ["\\boxed"])).toBe(0);
  });
});
