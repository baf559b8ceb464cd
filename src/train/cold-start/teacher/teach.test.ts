import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  criteriaText,
  evaluationText,
  FakeEngine,
  type FakeEngineOptions,
  responseOf,
  terms,
  turnOf,
} from "../../../../test/fake-engine.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import { Judge } from "../../../judge/judge.ts";
import type { JudgeOptions } from "../../../judge/judge-options.ts";
import { loadPack } from "../../../prompts/load-pack.ts";
import { readConversations } from "../../sft/read-conversations.ts";
import { type TeachOptions, teach } from "./teach.ts";

const pack = await loadPack("default");
let root: string;
let out: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "cerm-teach-"));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(() => {
  out = join(root, String(count++));
});

const pair = (name: string): PreferencePair => ({
  ...{ id: `p#${name}`, source: "test", messages: [{ role: "user", content: `What is ${name}?` }] },
  ...{ chosen: `good ${name}`, rejected: `bad ${name}` },
});
const names = ["water", "fire", "earth", "air"];

/** A teacher that scores good responses 8 and bad ones 3, of fire the other way round, and none of air. */
function score(response: string): number | string {
  if (response.endsWith("air")) return "many";
  return response.startsWith("good") === !response.endsWith("fire") ? 8 : 3;
}

async function run(
  options: { answer?: FakeEngineOptions["answer"]; judge?: Partial<JudgeOptions> } & Partial<
    Omit<TeachOptions, "judge">
  > = {},
) {
  const { answer, judge: settings, ...rest } = options;
  const engine = new FakeEngine({
    answer:
      answer ??
      ((request) =>
        turnOf(request) === "criteria" ? criteriaText(...terms) : evaluationText(terms, score(responseOf(request)!))),
  });
  const judge = new Judge({ engine, pack, ...settings });
  const pairs = (async function* () {
    for (const name of names) yield pair(name);
  })();
  const report = await teach({
    ...{ pairs, judge, perPair: 1, licence: "MIT", origin: "a test", out, tokenizer: "words" },
    ...{ countTokens: (text: string) => text.split(" ").length, maxTokens: 2000, heldOutShare: 0, seed: 0 },
    ...rest,
  });
  return { report, engine };
}

describe("a teacher", () => {
  test("teaches where its evaluations rank the pair right, and nothing else", async () => {
    const { report } = await run();
    const conversations = await readConversations(join(out, "train.jsonl"));
    expect(conversations.map(({ id, train, messages }) => [id, train, messages.length])).toEqual([
      ["p#earth/0/chosen", [1, 2], 4],
      ["p#earth/0/rejected", [2], 4],
      ["p#water/0/chosen", [1, 2], 4],
      ["p#water/0/rejected", [2], 4],
    ]);
    expect(conversations[1]!.messages.map(({ content }) => content).slice(1, 2)).toEqual([criteriaText(...terms)]);
    expect(conversations[1]!.messages[3]!.content).toBe(evaluationText(terms, 3));
    expect(conversations[1]!.messages[2]!.content).toContain("[Start of Response]\nbad earth\n[End of Response]");
    expect(report.yields).toMatchObject({
      ...{ pairs: 4, kept: 2, criteria: { asked: 4, read: 4 }, evaluations: { asked: 8, scored: 6 } },
      rankings: { made: 3, right: 2 },
    });
    const text = await readFile(join(out, "report.md"), "utf8");
    expect(text).toContain(
      "Rejection sampling: of 4 pairs 2 kept, 100.0 % of the criteria and 75.0 % of the evaluations read, 66.7 % of the rankings right.",
    );
  });

  test("keeps the evaluations of both responses, however often the better ones have the same score", async () => {
    const worse = ["bad water", "bad fire", "bad earth", "bad air"];
    await run({
      answer: (request) => {
        if (turnOf(request) === "criteria") return criteriaText(...terms);
        const response = responseOf(request)!;
        return evaluationText(terms, response.startsWith("good") ? 8 : worse.indexOf(response));
      },
    });
    const conversations = await readConversations(join(out, "train.jsonl"));
    expect(conversations.map(({ train }) => train)).toEqual(worse.flatMap(() => [[1, 2], [2]]));
  });

  test("of several samples keeps the criteria that rank best and the widest margin", async () => {
    let evaluations = 0;
    let lists = 0;
    const scores = { good: [5, 6, 4, 9], bad: [6, 5, 3, 2] };
    const { report } = await run({
      judge: { criteriaSamples: 2, evaluations: 2, temperature: 1 },
      pairs: (async function* () {
        yield pair("water");
      })(),
      answer: (request) => {
        if (turnOf(request) === "criteria") return criteriaText(...terms, lists++ === 0 ? "First" : "Second");
        const own = request.messages[1]!.content.includes("First") ? 0 : 2;
        const side = responseOf(request)!.startsWith("good") ? "good" : "bad";
        return evaluationText([...terms, own === 0 ? "First" : "Second"], scores[side][own + (evaluations++ % 2)]!);
      },
    });
    const conversations = await readConversations(join(out, "train.jsonl"));
    // By the second list every ranking is right; 9 and 2 are furthest apart.
    expect(conversations.map(({ id }) => id)).toEqual(["p#water/1/chosen", "p#water/1/rejected"]);
    expect(conversations.map(({ messages }) => /(\d)\}$/.exec(messages[3]!.content)![1])).toEqual(["9", "2"]);
    expect(report.yields).toMatchObject({ rankings: { made: 8, right: 5 } });
  });

  test("goes on where it was ended, and comes to the same set", async () => {
    await run();
    const files = () => Promise.all(["train.jsonl", "report.md"].map((name) => readFile(join(out, name), "utf8")));
    const whole = await files();
    out = join(root, String(count++));
    let asked = 0;
    const stop = new AbortController();
    const interrupted = run({
      signal: stop.signal,
      onProgress: () => {
        if (++asked === 2) stop.abort(new Error("ended"));
      },
    });
    await expect(interrupted).rejects.toThrow("ended");
    const { engine } = await run();
    // A pair takes three requests: two or three pairs were judged before.
    expect(engine.requests.length).toBeLessThanOrEqual(6);
    expect(await files()).toEqual(whole);
  });

  test("says what its answers came to where nothing can be kept", async () => {
    await expect(run({ answer: () => "I cannot judge this." })).rejects.toThrow(
      "nothing is left to learn from: of 4 pairs 0 kept, 0.0 % of the criteria and 0.0 % of the evaluations read, none of the rankings right",
    );
  });

  test("is not one that sees the response before it writes criteria", async () => {
    await expect(run({ judge: { mode: "per-response" } })).rejects.toThrow(
      "a teacher writes criteria for the query alone",
    );
  });
});
