import type { Message } from "../../core/message.ts";
import type { Usage } from "../../core/usage.ts";
import type { judgmentRecord } from "../../judge/judgment-record.ts";
import type { Verdict } from "../../prompts/verdicts.ts";
import type { BenchItem, ItemScores } from "../benchmark.ts";

/** A judged item of a benchmark: a line of items.jsonl. Lists over responses are in the benchmark's order. */
export interface RunItem {
  /** `<benchmark>/<item>`, unique in the run. */
  id: string;
  benchmark: string;
  /** The item's key, `<file>#<row>`. */
  item: string;
  subset: string;
  cluster?: string;
  /** What the judge was shown; responses as a control changed them. */
  input: { messages: Message[]; responses: string[] };
  quality: number[];
  pairs: [better: number, worse: number][];
  label: Record<string, unknown>;
  /** Mean over the votes of the numbers the judge wrote. All `null` in mode pairwise. */
  hard: ItemScores;
  /** Mean over the votes of the expected scores; `null` too where the engine gave no probabilities. */
  expected: ItemScores;
  /** Why a response has no score; `null` where it has one, and in mode pairwise. */
  unscored: (string | null)[];
  /** The whole judgment; absent in mode pairwise. */
  judgment?: ReturnType<typeof judgmentRecord>;
  /** Mode pairwise: each of the item's pairs in both orders. */
  pairwise?: PairwiseRecord[];
  usage: Usage;
  /** Wall-clock time from the item's start to its end. */
  milliseconds: number;
}

/** Two responses, compared in both orders. `a` and `b` are their indices, `a` below `b`. */
export interface PairwiseRecord {
  a: number;
  b: number;
  /**
   * With `a` shown first, then with `b` shown first; each as the judge said it, so `"A"` is the response shown first.
   * `null`: no verdict, for the reason at its place in `reasons`.
   */
  verdicts: [Verdict | null, Verdict | null];
  /** Which of `a` and `b` the two verdicts sum up for; `null` where they cancel or say nothing. */
  preferred: number | null;
  reasons?: [string | null, string | null];
  details?: [string | null, string | null];
  texts: [string | null, string | null];
  /** Which answers came from the store and cost nothing; absent where none did. */
  fromStore?: [boolean, boolean];
}

/** An item to judge. */
export interface RunTask {
  id: string;
  benchmark: string;
  item: BenchItem;
}

/** What of a line does not depend on the judge. */
export function itemPart({ id, benchmark, item }: RunTask) {
  const { key, subset, cluster, query, responses, quality, pairs, label } = item;
  const input = { messages: query.messages, responses: responses.map(({ text }) => text) };
  return { id, benchmark, item: key, subset, cluster, input, quality, pairs, label };
}
