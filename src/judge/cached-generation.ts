import { z } from "zod";
import type { ScoreDistribution } from "../core/reward.ts";
import type { Generation } from "../engines/engine.ts";
import type { Store, StoreTable } from "../store/store.ts";

/** What is kept of an answer: all that reading it anew needs, and its score distribution. */
export interface StoredAnswer {
  text: string;
  finishReason: Generation["finishReason"];
  usage: Generation["usage"];
  milliseconds: number;
  /** Where the model chose among a form's options: its own boxes, and no other text's. */
  choices?: { offset: number }[];
  distribution?: ScoreDistribution;
}

const usage = z.object({ promptTokens: z.number(), cachedPromptTokens: z.number(), outputTokens: z.number() });
const storedAnswer = z.object({
  text: z.string(),
  finishReason: z.enum(["stop", "length"]),
  usage,
  milliseconds: z.number(),
  choices: z.array(z.object({ offset: z.number() })).optional(),
  distribution: z
    .object({ scores: z.array(z.number()), probabilities: z.array(z.number()), mass: z.number().optional() })
    .optional(),
});

/** The answer kept under a key; `undefined` where there is none (or one of a shape this version does not know). */
export async function readAnswer(
  store: Store | undefined,
  table: StoreTable,
  key: string,
): Promise<StoredAnswer | undefined> {
  const value = await store?.get(table, key);
  if (value === undefined) return undefined;
  const parsed = storedAnswer.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
