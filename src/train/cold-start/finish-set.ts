import { stableHash } from "../../core/hash.ts";
import { seededRandom } from "../../core/random.ts";
import type { CountTokens } from "../../curate/text/count-tokens.ts";
import { normaliseText } from "../../curate/text/normalise-text.ts";
import { capScores, withoutTurn2 } from "./cap-scores.ts";
import type { ColdStartExample } from "./cold-start-example.ts";
import { conversationTokens } from "./conversation-tokens.ts";
import { openEnglishTest } from "./is-english.ts";
import { type MeasuredExample, selectExamples } from "./select-examples.ts";

export interface FinishOptions {
  countTokens: CountTokens;
  /** Longest conversation in tokens. */
  maxTokens: number;
  /** Share of the prompts whose examples are held out. */
  heldOutShare: number;
  /** Most tokens of the training set; held-out gets the same in proportion to its share. Default: no bound. */
  tokenBudget?: number;
  /** Names the evaluation item that an example touches, if any. */
  contamination?: (example: ColdStartExample) => string | undefined;
  /** Whether the commonest overall score of a source is cut down to the second; default true. Not where scores of two responses belong together. */
  cutCommonest?: boolean;
  seed: number;
}

/** Why examples were left out, in the order of the checks. */
export const exclusions = [
  "not English",
  "too long",
  "touches an evaluation set",
  "duplicate",
  "commonest score",
  "over the budget",
] as const;
export type Exclusion = (typeof exclusions)[number];

export interface FinishedSet {
  train: MeasuredExample[];
  heldOut: MeasuredExample[];
  excluded: { example: ColdStartExample; why: Exclusion; detail?: string }[];
}

/**
 * Makes a training and a held-out set of examples: English, short enough, without evaluation items, without duplicates
 * (a turn that says the same about the same is taught once), without too many of one score (`capScores`), cut
 * by prompt so that none is on both sides, and balanced over sources and scores where a budget bounds them
 * (`selectExamples`).
 */
export async function finishSet(examples: readonly ColdStartExample[], options: FinishOptions): Promise<FinishedSet> {
  const { countTokens, maxTokens, heldOutShare, tokenBudget, contamination, cutCommonest = true, seed } = options;
  const finished: FinishedSet = { train: [], heldOut: [], excluded: [] };
  const exclude = (example: ColdStartExample, why: Exclusion, detail?: string) =>
    finished.excluded.push({ example, why, detail });
  const tokensOf = ({ messages }: ColdStartExample) => conversationTokens(messages, countTokens);
  const isEnglish = await openEnglishTest();
  const sound: ColdStartExample[] = [];
  const seen = new Set<string>();
  for (const example of examples) {
    if (!example.messages.every(({ content }) => isEnglish(content))) {
      exclude(example, "not English");
      continue;
    }
    const tokens = tokensOf(example);
    const touched = contamination?.(example);
    if (tokens > maxTokens) exclude(example, "too long", `${tokens} tokens`);
    else if (touched !== undefined) exclude(example, "touches an evaluation set", touched);
    else {
      const fresh = newTurns(example, seen);
      if (fresh === undefined) exclude(example, "duplicate");
      else sound.push(fresh);
    }
  }
  const capped = cutCommonest ? capScores(sound, seededRandom(seed)) : { kept: sound, left: [] };
  for (const example of capped.left) exclude(example, "commonest score");
  const kept = capped.kept.map((example) => ({ ...example, tokens: tokensOf(example) }));
  for (const [name, share] of [["train", 1 - heldOutShare] as const, ["heldOut", heldOutShare] as const]) {
    const side = kept.filter((example) => isHeldOut(example, heldOutShare, seed) === (name === "heldOut"));
    const budget = tokenBudget === undefined ? undefined : (tokenBudget * share) / (1 - heldOutShare);
    finished[name] = selectExamples(side, { tokenBudget: budget, seed });
    const chosen = new Set(finished[name]);
    for (const example of side) if (!chosen.has(example)) exclude(example, "over the budget");
  }
  return finished;
}

/** The turns of an example that no example before it teaches; undefined without any. */
function newTurns(example: ColdStartExample, seen: Set<string>): ColdStartExample | undefined {
  const train = example.train.filter((turn) => !seen.has(turnKey(example, turn)));
  for (const turn of train) seen.add(turnKey(example, turn));
  if (train.length === 0) return undefined;
  return train.includes(2) ? { ...example, train } : { ...withoutTurn2(example), train };
}

/** Equal for turns that teach the same about the same. */
function turnKey({ query, response, messages }: ColdStartExample, turn: number): string {
  const asked = query.map(({ role, content }) => [role, normaliseText(content)]);
  const answers = messages.filter(({ role }) => role === "assistant").map(({ content }) => content);
  return stableHash([asked, answers.slice(0, turn), turn === 1 ? null : normaliseText(response ?? "")]);
}

/** A prompt is on one side for good, whatever else is in the set. */
function isHeldOut({ query }: ColdStartExample, share: number, seed: number): boolean {
  const hash = stableHash([seed, promptKey(query)]);
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32 < share;
}

/** The user's first message is what a conversation is about. */
function promptKey(query: ColdStartExample["query"]): string {
  return normaliseText(query.find(({ role }) => role === "user")?.content ?? "");
}
