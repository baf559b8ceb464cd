import { expect, test } from "vitest";
import { publishedFor, publishedNumbers } from "./published-numbers.ts";
import { parametersInName } from "./run-notes.ts";

test("a model's size is read from its name, where it stands there", () => {
  expect(parametersInName("SmolLM2-135M-Instruct.gguf:98000000:00ff")).toBe(135e6);
  expect(parametersInName("PKU-ONELab/CE-RM-4B")).toBe(4e9);
  expect(parametersInName("Qwen3-0.6B")).toBe(0.6e9);
  expect(parametersInName("Qwen3-30B-A3B")).toBe(30e9);
  expect(parametersInName("gpt-4o")).toBeUndefined();
  expect(parametersInName("llama3.1:8b")).toBe(8e9);
});

test("published numbers are percentages with a source, the highest first", () => {
  for (const { value, source } of publishedNumbers) {
    expect(value).toBeGreaterThan(1);
    expect(value).toBeLessThan(100);
    expect(source.length).toBeGreaterThan(8);
  }
  const own = publishedNumbers
    .filter(({ model }) => model === "CE-RM-4B")
    .map(({ benchmark, value }) => [benchmark, value]);
  expect(Object.fromEntries(own)).toEqual({
    rewardbench: 90,
    "rewardbench-2": 76.3,
    "rm-bench": 83.2,
    judgebench: 76.3,
    ppe: 75,
  });
  const values = publishedFor("judgebench").map(({ value }) => value);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
});
