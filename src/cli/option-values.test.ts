import { InvalidArgumentError } from "commander";
import { expect, test } from "vitest";
import {
  collect,
  collectWith,
  header,
  integer,
  jsonObject,
  loraAdapter,
  nonNegative,
  positive,
} from "./option-values.ts";

test("numbers", () => {
  expect(integer(1)("12")).toBe(12);
  for (const bad of ["0", "1.5", "", " ", "x", "1e99", "NaN", "-1"])
    expect(() => integer(1)(bad)).toThrow(InvalidArgumentError);
  expect([positive("0.5"), nonNegative("0"), nonNegative("1e-3")]).toEqual([0.5, 0, 0.001]);
  for (const bad of ["0", "-1", "", "Infinity", "x"]) expect(() => positive(bad)).toThrow("Expected a number");
});

test("repeatable options collect", () => {
  expect(["a", "b"].reduce<string[] | undefined>((all, each) => collect(each, all), undefined)).toEqual(["a", "b"]);
  expect(collectWith(integer(1))("2", [1])).toEqual([1, 2]);
});

test("adapters, headers and JSON", () => {
  expect(loraAdapter("a=b.gguf=0.5")).toEqual({ path: "a=b.gguf", scale: 0.5 });
  expect(loraAdapter("adapter.gguf")).toEqual({ path: "adapter.gguf", scale: 1 });
  expect(() => loraAdapter("a.gguf=1.2.3")).toThrow("FILE=SCALE");
  expect(header("X-Team:  a:b ")).toEqual(["X-Team", "a:b"]);
  expect(() => header("no colon")).toThrow("Name: value");
  expect(() => header(": x")).toThrow("Name: value");
  expect(jsonObject('{"a":{"b":1}}')).toEqual({ a: { b: 1 } });
  for (const bad of ["[1]", "null", "{", "1"]) expect(() => jsonObject(bad)).toThrow("Expected a JSON object.");
});
