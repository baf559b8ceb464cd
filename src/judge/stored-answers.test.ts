import { expect, test } from "vitest";
import { engineFailure, FakeEngine, type FakeEngineOptions, scoring, turnOf } from "../../test/fake-engine.ts";
import { queryFromText } from "../core/query.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { memoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import { Judge } from "./judge.ts";
import type { JudgeOptions } from "./judge-options.ts";
import type { JudgeInput } from "./judgment.ts";
import { judgmentRecord } from "./judgment-record.ts";

const [pack, compact] = await Promise.all([loadPack("default"), loadPack("compact")]);
const input: JudgeInput = {
  id: "1",
  query: queryFromText("Why is the sky blue?"),
  responses: ["first", "second"].map((text) => ({ id: text, text })),
};
const base = { temperature: 0.5, seed: 1, topP: 0.9 };

/** Judges with a store and counts the calls of each turn. */
async function calls(store: Store, options: Partial<JudgeOptions> = {}, engine: FakeEngineOptions = {}, what = input) {
  const fake = new FakeEngine(engine);
  const judgment = await new Judge({ engine: fake, pack, store, ...base, ...options }).judge(what);
  const turns = fake.requests.map(turnOf);
  const criteria = turns.filter((turn) => turn === "criteria").length;
  return { judgment, criteria, evaluations: turns.length - criteria };
}

test("a second run asks for nothing, costs nothing, says so, and gives the same rewards", async () => {
  const store = memoryStore();
  const first = await calls(store);
  expect(first).toMatchObject({ criteria: 1, evaluations: 2 });
  const second = await calls(store);
  expect(second).toMatchObject({ criteria: 0, evaluations: 0 });
  expect(second.judgment.usage).toEqual({ promptTokens: 0, cachedPromptTokens: 0, outputTokens: 0 });
  expect(second.judgment.responses.map(({ reward }) => reward)).toEqual(
    first.judgment.responses.map(({ reward }) => reward),
  );
  const record = judgmentRecord(second.judgment);
  expect(record.criteria[0]).toMatchObject({ fromStore: true });
  expect(record.responses.map(({ evaluations }) => evaluations[0]!.fromStore)).toEqual([true, true]);
  expect(judgmentRecord(first.judgment).criteria[0]!.fromStore).toBeUndefined();
});

test("another response of a known query uses its criteria", async () => {
  const store = memoryStore();
  await calls(store);
  const more = { ...input, id: "2", responses: [...input.responses, { id: "third", text: "third" }] };
  expect(await calls(store, {}, {}, more)).toMatchObject({ criteria: 0, evaluations: 1 });
});

test.each<[string, Partial<JudgeOptions>, FakeEngineOptions]>([
  ["the model", {}, { model: "another" }],
  ["the engine's forms", {}, { capabilities: { forms: "grammar" } }],
  ["the pack", { pack: compact }, {}],
  ["the temperature", { temperature: 0.6 }, {}],
  ["top-p", { topP: 0.8 }, {}],
  ["the seed", { seed: 2 }, {}],
  ["the mode", { mode: "per-response" }, {}],
  ["the limit of criteria", { maxTokens: { criteria: 77 } }, {}],
])("%s changes every answer's key", async (_, options, engine) => {
  const store = memoryStore();
  await calls(store);
  const again = await calls(store, options, engine);
  expect(again.criteria).toBeGreaterThan(0);
});

test.each<[string, Partial<JudgeOptions>, FakeEngineOptions]>([
  ["the limit of evaluations", { maxTokens: { evaluation: 77 } }, {}],
  ["asking for log-probabilities", { score: "expected" }, { capabilities: { logprobs: true } }],
])("%s changes the key of evaluations alone", async (_, options, engine) => {
  const store = memoryStore();
  await calls(store);
  expect(await calls(store, options, engine)).toMatchObject({ criteria: 0, evaluations: 2 });
});

test("another wording of the query, of a message's role or of the response is another question", async () => {
  const store = memoryStore();
  await calls(store);
  const system = { messages: [{ role: "system" as const, content: "Be brief." }, ...input.query.messages] };
  for (const query of [queryFromText("Why is the sea blue?"), system])
    expect(await calls(store, {}, {}, { ...input, query })).toMatchObject({ criteria: 1, evaluations: 2 });
  const responses = [{ id: "first", text: "first, reworded" }, input.responses[1]!];
  expect(await calls(store, {}, {}, { ...input, responses })).toMatchObject({ criteria: 0, evaluations: 1 });
});

test("ids, and at temperature 0 the seed and top-p, change nothing", async () => {
  const store = memoryStore();
  const greedy = { temperature: 0 };
  await calls(store, greedy);
  const renamed = {
    ...input,
    id: "other",
    responses: input.responses.map(({ text }, index) => ({ id: `${index}`, text })),
  };
  expect(await calls(store, { ...greedy, seed: 9, topP: 0.1 }, {}, renamed)).toMatchObject({
    ...{ criteria: 0, evaluations: 0 },
  });
});

test("a failure is not kept: the next run asks again", async () => {
  const store = memoryStore();
  const failed = await calls(store, {}, { answer: scoring(() => engineFailure("overloaded")) });
  expect(failed.judgment.responses[0]!.reward).toMatchObject({ kind: "unscored", reason: "engine-error" });
  const again = await calls(store);
  expect(again).toMatchObject({ criteria: 0, evaluations: 2 });
  expect(again.judgment.responses[0]!.reward.kind).toBe("scored");
});

test("an entry of a shape this version does not know is made anew", async () => {
  const strange: Store = {
    get: async () => ({ answer: "from the future" }),
    put: async () => {},
    close: async () => {},
  };
  expect(await calls(strange)).toMatchObject({ criteria: 1, evaluations: 2 });
});
