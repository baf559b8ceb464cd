import { expect, test } from "vitest";
import { FakeEngine } from "../../test/fake-engine.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { type JudgeOptions, resolveJudgeOptions } from "./judge-options.ts";

const pack = await loadPack("default");
const resolve = (options: Partial<JudgeOptions>, engine = new FakeEngine()) =>
  resolveJudgeOptions({ engine, pack, ...options });

test("defaults are the paper's: unified criteria, one greedy vote, the pack's limits", () => {
  expect(resolve({ temperature: undefined, maxTokens: { criteria: undefined } })).toMatchObject({
    ...{ mode: "unified", score: "hard", criteriaSamples: 1, evaluations: 1, temperature: 0, topP: 1, seed: 0 },
    maxTokens: pack.limits,
  });
});

test("several votes at temperature 0 are refused with what to do", () => {
  expect(() => resolve({ evaluations: 4 })).toThrow(
    "evaluations: 4 votes at temperature 0 would all be the same answer: set --temperature (0.7 is usual), or ask for one vote",
  );
  expect(() => resolve({ criteriaSamples: 2 })).toThrow("criteria-samples: 2 votes at temperature 0");
  expect(resolve({ evaluations: 4, temperature: 0.1 }).evaluations).toBe(4);
});

test.each([
  [{ evaluations: 0 }, "evaluations: got 0, expected a whole number of at least 1"],
  [{ criteriaSamples: 1.5 }, "criteria-samples: got 1.5"],
  [{ temperature: -1 }, "temperature: got -1, expected 0 or more"],
  [{ temperature: Number.NaN }, "temperature: got NaN"],
  [{ topP: 0 }, "top-p: got 0"],
  [{ topP: 1.1 }, "top-p: got 1.1"],
  [{ seed: -1 }, "seed: got -1"],
  [{ maxTokens: { evaluation: 0 } }, "maxTokens.evaluation: got 0"],
  [{ mode: "implicit", criteriaSamples: 2, temperature: 1 }, "criteria-samples: mode implicit writes no criteria"],
  [{ score: "expected" }, "score: the engine fake (fake-judge) gives no log-probabilities"],
] satisfies [Partial<JudgeOptions>, string][])("refuses %o", (options, message) => {
  expect(() => resolve(options)).toThrow(message);
});

test("expected scores are possible with native forms or with log-probabilities", () => {
  for (const capabilities of [{ forms: "native" }, { logprobs: true }] as const)
    expect(resolve({ score: "expected" }, new FakeEngine({ capabilities })).score).toBe("expected");
  expect(() => resolve({ score: "expected" }, new FakeEngine({ capabilities: { forms: "grammar" } }))).toThrow(
    "score:",
  );
});
