import { describe, expect, test } from "vitest";
import type { ColdStartExample } from "./cold-start-example.ts";
import { type FinishOptions, finishSet } from "./finish-set.ts";

/** An example about a question; with a score it teaches both turns, else the first. */
function example(
  id: string,
  question: string,
  options: { overall?: number; source?: string; response?: string; train?: number[] } = {},
): ColdStartExample {
  const { overall, source = "a", response = `Answer ${id} of some length` } = options;
  const turn1 = [
    { role: "user" as const, content: question },
    { role: "assistant" as const, content: "the criteria" },
  ];
  const query = [turn1[0]!];
  if (overall === undefined) return { id, source, query, messages: turn1, train: [1] };
  const turn2 = [
    { role: "user" as const, content: response },
    { role: "assistant" as const, content: `score ${overall}` },
  ];
  return { id, source, query, response, overall, messages: [...turn1, ...turn2], train: options.train ?? [1, 2] };
}

const finish = (examples: ColdStartExample[], options: Partial<FinishOptions> = {}) =>
  finishSet(examples, {
    countTokens: (text) => text.split(" ").length,
    maxTokens: 100,
    heldOutShare: 0,
    seed: 0,
    ...options,
  });
const ids = (examples: { id: string }[]) => examples.map(({ id }) => id);
const why = (set: Awaited<ReturnType<typeof finish>>) => set.excluded.map((one) => [one.example.id, one.why]);

describe("a cold-start set", () => {
  test("leaves out what is not English, too long, contaminated or there twice, and says why", async () => {
    const set = await finish(
      [
        example("fine", "What is the capital of France and why is it there?"),
        example("chinese", "请帮我写一封信"),
        example("german", "Welche Stadt ist die Hauptstadt von Deutschland und warum wurde sie dazu bestimmt?"),
        example("long", "word ".repeat(200)),
        example("known", "What is in the benchmark?"),
        example("again", "what is the capital of France, and why is it there"),
        example("other turn", "What is the capital of France and why is it there?", { overall: 5, train: [2] }),
      ],
      { contamination: ({ id }) => (id === "known" ? "bench: a#1" : undefined) },
    );
    expect(ids(set.train)).toEqual(["fine", "other turn"]);
    expect(why(set)).toEqual([
      ["chinese", "not English"],
      ["german", "not English"],
      ["long", "too long"],
      ["known", "touches an evaluation set"],
      ["again", "duplicate"],
    ]);
    expect(set.excluded[3]!.detail).toBe("bench: a#1");
  });

  test("never has a prompt on both sides, and holds out about the share", async () => {
    const examples = Array.from({ length: 400 }, (_, index) =>
      example(`e${index}`, `Question number ${index % 200}?`, { overall: index % 10, response: `Response ${index}` }),
    );
    const { train, heldOut } = await finish(examples, { heldOutShare: 0.2 });
    const prompts = (side: ColdStartExample[]) => new Set(side.map(({ query }) => query[0]!.content));
    expect([...prompts(heldOut)].filter((prompt) => prompts(train).has(prompt))).toEqual([]);
    expect(heldOut.length / 400).toBeGreaterThan(0.1);
    expect(heldOut.length / 400).toBeLessThan(0.3);
    expect(ids((await finish(examples.toReversed(), { heldOutShare: 0.2 })).heldOut).toSorted()).toEqual(
      ids(heldOut).toSorted(),
    );
  });

  test("cuts the commonest score of a source down to the second, keeping turn 1 where it is taught", async () => {
    const of = (overall: number, count: number, train: number[]) =>
      Array.from({ length: count }, (_, index) =>
        example(`${overall}-${train}-${index}`, `Question ${overall} ${index}?`, {
          overall,
          train,
          source: `s${train}`,
        }),
      );
    const both = await finish([...of(10, 6, [1, 2]), ...of(4, 2, [1, 2]), ...of(3, 1, [1, 2])]);
    expect(both.train).toHaveLength(9);
    expect(
      both.train
        .filter(({ train }) => train.includes(2))
        .map(({ overall }) => overall)
        .toSorted(),
    ).toEqual([10, 10, 3, 4, 4]);
    for (const one of both.train.filter(({ train }) => !train.includes(2))) expect(one.messages).toHaveLength(2);
    const second = await finish([...of(10, 6, [2]), ...of(4, 2, [2])]);
    expect(second.train).toHaveLength(4);
    expect(why(second).map(([, reason]) => reason)).toEqual(Array(4).fill("commonest score"));
  });

  test("within a budget, sources and scores take turns", async () => {
    const examples = Array.from({ length: 60 }, (_, index) => {
      const source = index < 50 ? "large" : "small";
      return example(`e${index}`, `Question number ${index}?`, { source, overall: index % 5, response: "one two" });
    });
    // Each has 9 words and 4 messages of 5 tokens.
    const set = await finish(examples, { tokenBudget: 20 * 29 });
    expect(set.train.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(20 * 29);
    expect(set.train).toHaveLength(20);
    expect(set.train.filter(({ source }) => source === "small")).toHaveLength(10);
    const scores = set.train.filter(({ source }) => source === "large").map(({ overall }) => overall!);
    expect(scores.toSorted()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
    expect(why(set).map(([, reason]) => reason)).toEqual(Array(40).fill("over the budget"));
  });
});
