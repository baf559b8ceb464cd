import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { engineFailure, FakeEngine, scoring } from "../../../test/fake-engine.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { OpenedJudge, type OpenJudgeOptions } from "../../judge/open-judge.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { openStore } from "../../store/open-store.ts";
import { curatePairs, pairOf } from "../test-helpers.ts";

/** A judge on an engine whose score of a response is its number, plus one of `spread` by the seed. */
function fakeJudge(engine: FakeEngine, storeFile: string) {
  const asked: OpenJudgeOptions[] = [];
  const openJudge = async (options: OpenJudgeOptions) => {
    asked.push(options);
    const { criteriaSamples, evaluations, temperature, seed } = options;
    const [pack, store] = [await loadPack("default"), await openStore(storeFile)];
    const settings = { engine, pack, store, criteriaSamples, evaluations, temperature, seed };
    const opened = { engine, suggestedPack: "default" } as never;
    return new OpenedJudge(settings, opened, () => store.close());
  };
  return { openJudge, asked };
}

const pairs = [
  pairOf("easy", { chosen: "score 9", rejected: "score 2" }),
  pairOf("wrong", { chosen: "score 1", rejected: "score 8" }),
  pairOf("tied", { chosen: "score 5", rejected: "score 5" }),
  pairOf("open", { chosen: "draw 5", rejected: "draw 5 too" }),
  pairOf("leaning", { chosen: "draw 6", rejected: "draw 5 also" }),
];

/** "score 7" gets 7; "draw 7" gets 5 to 9, by the seed. */
const answer = scoring((response, request) => {
  const [, kind, number] = /(score|draw) (\d)/.exec(response)!;
  return kind === "score" ? Number(number) : Number(number) - 2 + (request.seed % 5);
});

describe("difficulty", () => {
  test("drops what the judge always or never gets right, and prefers the middle", async () => {
    const engine = new FakeEngine({ answer });
    const { openJudge, asked } = fakeJudge(engine, join(await temporaryFolder(), "store.db"));
    const samples = { criteria: 2, evaluations: 3, temperature: 0.7 };
    const { kept, dropped, stages } = await curatePairs(pairs, [{ difficulty: { samples } }], {
      options: { openJudge },
    });
    expect(asked).toMatchObject([{ criteriaSamples: 2, evaluations: 3, temperature: 0.7 }]);
    expect(dropped.map(({ id, reason, detail }) => [id, reason, detail])).toEqual([
      ["easy", "always right", "right in 18 of 18 comparisons"],
      ["wrong", "never right", "right in 0 of 18 comparisons"],
      ["tied", "never right", "right in 0 of 18 comparisons"],
    ]);
    expect(kept).toEqual(["open", "leaning"]);
    expect(stages.find(({ name }) => name === "difficulty")!.notes[0]).toMatch(/the judge is right in [\d.]+ %/);
  });

  test("asks nothing again that it knows: a second run and a later stage come from the store", async () => {
    const engine = new FakeEngine({ answer });
    const store = join(await temporaryFolder(), "store.db");
    const { openJudge } = fakeJudge(engine, store);
    const first = await curatePairs(pairs, ["difficulty"], { options: { openJudge } });
    const asked = engine.requests.length;
    expect(asked).toBeGreaterThan(20);
    const again = await curatePairs(pairs, ["label-noise", "difficulty"], { options: { openJudge } });
    expect(engine.requests.length).toBe(asked);
    expect(again.kept).toEqual(first.kept);
  });

  test("a row that the judge cannot score is dropped as such", async () => {
    const engine = new FakeEngine({ answer: scoring((response) => (response.includes("mute") ? "none" : 4)) });
    const { openJudge } = fakeJudge(engine, join(await temporaryFolder(), "store.db"));
    const { dropped } = await curatePairs([pairOf("mute", { chosen: "mute", rejected: "x" })], ["difficulty"], {
      options: { openJudge },
    });
    expect(dropped).toMatchObject([{ id: "mute", reason: "the judge gave no score" }]);
  });

  test("an engine that fails throughout ends the run and drops nothing", async () => {
    const engine = new FakeEngine({ answer: () => engineFailure("the server is gone") });
    const { openJudge } = fakeJudge(engine, join(await temporaryFolder(), "store.db"));
    const many = Array.from({ length: 40 }, (_, at) => pairOf(String(at)));
    await expect(curatePairs(many, ["difficulty"], { options: { openJudge } })).rejects.toThrow(
      /engine failed on 11 of \d+ rows.*the server is gone/,
    );
  });
});

describe("label noise", () => {
  test("drops labels that the judge contradicts with confidence", async () => {
    const engine = new FakeEngine({ answer });
    const { openJudge } = fakeJudge(engine, join(await temporaryFolder(), "store.db"));
    const { dropped } = await curatePairs(pairs, ["label-noise"], { options: { openJudge } });
    expect(dropped.map(({ id, reason, detail }) => [id, reason, detail])).toEqual([
      ["wrong", "the judge prefers the rejected response", "8 against 0"],
    ]);
  });
});
