import { expect, test } from "vitest";
import type { Verdict } from "../two-orders.ts";
import type { CollectedBenchmark } from "./collect-run.ts";
import { pairOutcomes, pairScorer } from "./pair-outcomes.ts";

// Two good responses (0, 2) and a bad one (1): the first pair stands as shown, the second is turned.
const pairs: [number, number][] = [
  [0, 1],
  [2, 1],
];
const item = {
  item: { key: "d.jsonl#0", subset: "s", quality: [1, 0, 1], pairs, label: {} },
  ...{ queryKey: "q", lengths: [10, 20, 30] },
};
const none = { items: [], reasons: new Map() };

function collected(parts: Partial<CollectedBenchmark>): CollectedBenchmark {
  const scores = { hard: none, expected: none, verdicts: none };
  return { keys: new Set(["d.jsonl#0"]), scores, votes: [], comparisons: [], ...parts } as CollectedBenchmark;
}

test("a scorer's pairs have the scores of their responses, and lengths that are theirs", () => {
  const scores = { hard: { items: [{ ...item, scores: [7, 3, null] }], reasons: new Map() } };
  const [found] = pairOutcomes(collected({ scores: { ...scores, expected: none, verdicts: none } }), "hard");
  expect(found).toMatchObject({
    ...{ scores: [7, 3, null, 3], lengths: [10, 20, 30, 20], queryKey: "q" },
    item: {
      key: "d.jsonl#0",
      pairs: [
        [0, 1],
        [2, 3],
      ],
    },
  });
  expect(pairScorer("x").score([found!]).headline).toMatchObject({ value: 0.5, tieRule: expect.stringContaining("0") });
});

test.each<[string, "A>B" | "B>A", [Verdict, Verdict], [number | null, number | null]]>([
  ["both orders right", "A>B", ["A>B", "B>A"], [1, 0]],
  ["one order right, one a tie", "B>A", ["A=B", "A>B"], [1, 0]],
  ["both orders wrong", "B>A", ["A>B", "B>A"], [0, 1]],
  ["the first place in both orders", "A>B", ["A>B", "A>B"], [0.5, 0.5]],
  ["one order wrong, one unreadable", "A>B", ["B>A", null], [0, 1]],
  ["nothing readable", "A>B", [null, null], [null, null]],
])("a comparing judge's pair: %s", (_what, label, verdicts, outcome) => {
  const comparisons = [{ item: { ...item, scores: [null, null, null] }, orders: [{ label, verdicts }] }];
  expect(pairOutcomes(collected({ comparisons }), "verdicts")[0]!.scores).toEqual(outcome);
});
