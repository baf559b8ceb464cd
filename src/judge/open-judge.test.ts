import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type StubServer, startStubServer } from "../../test/stub-server/index.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { openJudge } from "./open-judge.ts";
import { judgeInput, userCriteria } from "./user-input.ts";

let stub: StubServer;
let home = "";
const pack = await loadPack("default");
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "cerm-judge-"));
  vi.stubEnv("CERM_HOME", home);
  stub = await startStubServer();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stub.close();
  await rm(home, { recursive: true });
});

test("the library in a few lines: open, rank, read the reward", async () => {
  await using judge = await openJudge({ baseUrl: stub.url, pack: "compact", store: "none" });
  const { ranking } = await judge.rank({ query: "Why is the sky blue?", responses: ["Scattering.", "The sea."] });
  expect(ranking.map(({ rank }) => rank)).toEqual([1, 2]);
  const [best] = ranking;
  expect(best!.reward).toMatchObject({ kind: "scored", scale: [0, 10] });
  expect(judge.settings.pack.name).toBe("compact");
});

test("answers are kept in the data directory unless another store is named", async () => {
  const question = { query: "Why?", responses: ["Because."], criteria: ["Accuracy: right or wrong"] };
  const before = stub.counts.completions;
  for (let run = 0; run < 2; run++) {
    await using judge = await openJudge({ baseUrl: stub.url });
    const judgment = await judge.evaluate(question);
    expect(judgment.usage.promptTokens > 0).toBe(run === 0);
  }
  expect(stub.counts.completions - before).toBe(1);
});

test("adaptive votes through rank", async () => {
  await using judge = await openJudge({ baseUrl: stub.url, temperature: 1, store: "none" });
  const question = { query: "Which?", responses: ["One.", "Two."] };
  expect(await judge.rank(question, { budget: 10 })).toHaveProperty("adaptive.budget", 10);
  await expect(judge.rank(question, { budget: 3 })).rejects.toThrow("budget: got 3");
});

test("a mistake in the settings, the pack or the store is told before the engine is asked for anything", async () => {
  const before = stub.counts.requests;
  await expect(openJudge({ baseUrl: stub.url, evaluations: 2 })).rejects.toThrow("evaluations: 2 votes");
  await expect(openJudge({ baseUrl: stub.url, pack: "no-such-pack" })).rejects.toThrow('"no-such-pack"');
  await expect(openJudge({ baseUrl: stub.url, store: "redis://x" })).rejects.toThrow("store: expected file:PATH");
  expect(stub.counts.requests).toBe(before);
});

test("what cannot be opened is an error that says so, and an abort ends the work", async () => {
  await expect(openJudge({ baseUrl: "http://127.0.0.1:1", maxAttempts: 1 })).rejects.toThrow("no connection");
  const refusing = new AbortController();
  refusing.abort(new Error("enough"));
  await using judge = await openJudge({ baseUrl: stub.url, store: "none" });
  const judging = judge.evaluate({ query: "Why?", responses: ["Because."] }, { signal: refusing.signal });
  await expect(judging).rejects.toThrow("enough");
});

test("input by hand: texts or conversations, ids by position; what cannot be judged is refused by its place", () => {
  expect(judgeInput(pack, { query: "Why?", responses: ["a", { id: "x", text: "b" }] })).toEqual({
    ...{ id: "0", query: { messages: [{ role: "user", content: "Why?" }] }, criteria: undefined },
    responses: [
      { id: "0", text: "a" },
      { id: "x", text: "b" },
    ],
  });
  const refused = (input: Partial<Parameters<typeof judgeInput>[1]>) => () =>
    judgeInput(pack, { query: "Why?", responses: ["a"], ...input });
  expect(refused({ query: " " })).toThrow("query: expected a text");
  expect(refused({ query: [{ role: "assistant", content: "Hm." }] })).toThrow("query: expected a text");
  expect(refused({ query: [] })).toThrow("query: expected a text");
  expect(refused({ responses: [] })).toThrow("responses: is empty");
  expect(refused({ responses: ["a", " \n"] })).toThrow("responses[1]: is empty");
  expect(refused({ responses: ["a", { id: "0", text: "b" }] })).toThrow('responses[1]: has the id "0" of responses[0]');
});

test("criteria by hand: a text as the judge would write it, or a list", () => {
  const items = [
    { term: "Accuracy", description: "right: or wrong" },
    { term: "Clarity", description: "" },
  ];
  expect(userCriteria(pack, ["Accuracy: right: or wrong", "Clarity"]).items).toEqual(items);
  expect(userCriteria(pack, items).items).toEqual(items);
  expect(userCriteria(pack, "1. Accuracy: right\n2. Clarity: clear").items).toHaveLength(2);
  expect(() => userCriteria(pack, "Just be fair.")).toThrow("criteria: no criteria can be read from it");
  expect(() => userCriteria(pack, [])).toThrow("criteria: got no criterion");
  expect(() => userCriteria(pack, ["Clarity", "clarity"])).toThrow("given twice");
});
