import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../../core/errors.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import { openResults } from "../../../data/open-results.ts";
import { readRows } from "../../../data/read-rows.ts";
import { modelTitle } from "../../../engines/models/model-identity.ts";
import type { Judge } from "../../../judge/judge.ts";
import type { ColdStartExample } from "../cold-start-example.ts";
import { type FinishOptions, finishSet } from "../finish-set.ts";
import type { Contamination } from "../open-contamination.ts";
import type { SetReport } from "../set-report.ts";
import { writeSet } from "../write-set.ts";
import { addYields, describeYields, noYields, type Yields } from "../yields.ts";
import { keepVotes } from "./keep-votes.ts";

export interface TeachOptions extends Omit<FinishOptions, "contamination" | "cutCommonest"> {
  pairs: AsyncIterable<PreferencePair>;
  /** Mode unified; its samples and temperature decide how much there is to choose from. */
  judge: Judge;
  /** Most lists of criteria that are kept of a pair. */
  perPair: number;
  /** Licence of the pairs, where somebody names one; and what they are, for the report. */
  licence: string | null;
  origin: string;
  contamination?: Contamination;
  /** Folder for the set, and for `items.jsonl`, by which the same call goes on. */
  out: string;
  tokenizer: string;
  onProgress?: (progress: TeachProgress) => void;
  signal?: AbortSignal;
}

/** How far it is, in pairs. */
export interface TeachProgress {
  /** Judged now. */
  done: number;
  /** Judged before. */
  before: number;
  /** Of all these, with an example. */
  kept: number;
}

/**
 * Makes a cold-start set by a teacher: a judge writes criteria and evaluates both responses of preference pairs, and what
 * can be read and ranks the pair right is kept (`keepVotes`). Killed at any moment it loses the pairs in flight; called
 * again it goes on. Throws `InputError` for a folder of other settings, and where nothing was kept.
 */
export async function teach(options: TeachOptions): Promise<SetReport> {
  const { judge, pairs, perPair, out, signal } = options;
  if (judge.settings.mode !== "unified")
    throw new InputError(`got ${judge.settings.mode}; a teacher writes criteria for the query alone`, {
      field: "mode",
    });
  const file = join(out, "items.jsonl");
  const results = await openResults(file, { settings: settingsOf(options), sidecar: join(out, "run.json"), signal });
  const progress: TeachProgress = { done: 0, before: results.size, kept: 0 };
  try {
    const keep = { pack: judge.settings.pack, source: modelTitle(judge.settings.engine.identity.model), perPair };
    const work = async (pair: PreferencePair, own: AbortSignal) => {
      const responses = [
        { id: "chosen", text: pair.chosen },
        { id: "rejected", text: pair.rejected },
      ];
      const judgment = await judge.judge(
        { id: pair.id, query: { messages: pair.messages }, responses },
        { signal: own },
      );
      return { id: pair.id, ...keepVotes(pair, judgment, keep) };
    };
    const pending = async function* () {
      for await (const pair of pairs) if (!results.has(pair.id)) yield pair;
    };
    for await (const item of judge.runAll(pending(), work, { signal })) {
      await results.append(item);
      progress.done++;
      if (item.examples.length > 0) progress.kept++;
      options.onProgress?.({ ...progress });
    }
  } finally {
    await results.close();
  }
  return await finish(file, options);
}

/** Makes the set of all items of the file. */
async function finish(file: string, options: TeachOptions): Promise<SetReport> {
  const { judge, out, contamination, licence, origin, tokenizer } = options;
  const { countTokens, maxTokens, heldOutShare, tokenBudget, seed } = options;
  const { examples, yields } = await readItems(file);
  const set = await finishSet(examples, {
    ...{ countTokens, maxTokens, heldOutShare, tokenBudget, seed, contamination: contamination?.find },
    // The better responses share a high score: without their evaluations the worse ones would be all there is.
    cutCommonest: false,
  });
  const { engine, pack, criteriaSamples, evaluations, temperature, topP, seed: judgeSeed } = judge.settings;
  const name = modelTitle(engine.identity.model);
  if (set.train.length === 0)
    throw new InputError(
      `nothing is left to learn from: ${describeYields(yields)}; take a stronger teacher, more samples or more pairs`,
    );
  return await writeSet(out, set, {
    made: `a teacher, ${name}`,
    pack: pack.identity,
    settings: {
      ...{ maxTokens, heldOutShare, tokenBudget, seed, tokenizer, perPair: options.perPair },
      judge: { ...engine.identity, criteriaSamples, evaluations, temperature, topP, seed: judgeSeed },
    },
    sources: [
      {
        ...{ name, licence, origin, records: yields.pairs, examples: examples.length },
        without: { "without a right ranking that can be read": yields.pairs - yields.kept },
      },
    ],
    comparedWith: { sets: Object.fromEntries(contamination?.sets ?? []), missing: contamination?.missing ?? [] },
    yields,
  });
}

const count = z.int().nonnegative();
const message = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const itemSchema = z.object({
  id: z.string(),
  examples: z.array(
    z.object({
      id: z.string(),
      source: z.string(),
      messages: z.array(message),
      train: z.array(count),
      overall: z.number(),
      query: z.array(message),
      response: z.string(),
    }),
  ),
  criteria: z.object({ asked: count, read: count }),
  evaluations: z.object({ asked: count, scored: count }),
  rankings: z.object({ made: count, right: count }),
  usage: z.object({ promptTokens: count, cachedPromptTokens: count, outputTokens: count }),
});

async function readItems(file: string): Promise<{ examples: ColdStartExample[]; yields: Yields }> {
  const examples: ColdStartExample[] = [];
  let yields = noYields;
  for await (const row of readRows(file)) {
    if (!row.ok) throw row.error;
    const item = itemSchema.parse(row.value);
    examples.push(...item.examples);
    yields = addYields(yields, item, item.examples.length > 0);
  }
  // Items are written as they come; the set must not depend on that.
  return { examples: examples.sort((a, b) => (a.id < b.id ? -1 : 1)), yields };
}

function settingsOf({ judge, perPair }: TeachOptions) {
  const { engine, pack, criteriaSamples, evaluations, temperature, topP, seed, maxTokens } = judge.settings;
  return {
    command: "train cold-start teacher",
    model: engine.identity,
    guided: engine.capabilities.forms,
    pack: pack.identity,
    ...{ criteriaSamples, evaluations, temperature, topP, seed, maxTokens, perPair },
  };
}
