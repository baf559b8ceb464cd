import type { PreferencePair } from "../../../core/preference-pair.ts";
import { type ShareInterval, wilsonInterval } from "../../../core/statistics/wilson.ts";
import type { Engine } from "../../../engines/engine.ts";
import { Judge } from "../../../judge/judge.ts";
import type { JudgeMode } from "../../../judge/judgment.ts";
import type { Pack } from "../../../prompts/pack.ts";

/** Pair accuracy on pairs that are not trained on. */
export interface HeldOutResult {
  /** Share of pairs ranked right, ties and unscored ones being wrong, with its 95 % interval (Wilson). */
  accuracy: ShareInterval;
  pairs: number;
  /** Both responses have the same score. */
  ties: number;
  /** At least one response has no score. */
  unscored: number;
}

/** Judges pairs as in use: greedily, one list of criteria, one evaluation of each response. `null` without pairs. */
export async function judgeHeldOut(
  engine: Engine,
  pairs: readonly PreferencePair[],
  options: {
    pack: Pack;
    mode: JudgeMode;
    maxTokens?: { criteria?: number; evaluation?: number };
    signal?: AbortSignal;
  },
): Promise<HeldOutResult | null> {
  const { pack, mode, maxTokens, signal } = options;
  const judge = new Judge({ engine, pack, mode, maxTokens });
  const inputs = pairs.map(({ id, messages, chosen, rejected }) => ({
    id,
    query: { messages },
    responses: [
      { id: "chosen", text: chosen },
      { id: "rejected", text: rejected },
    ],
  }));
  let [right, ties, unscored] = [0, 0, 0];
  for await (const { responses } of judge.judgeAll(inputs, { signal })) {
    const [chosen, rejected] = responses.map(({ reward }) => (reward.kind === "scored" ? reward.value : null));
    if (chosen == null || rejected == null) unscored++;
    else if (chosen === rejected) ties++;
    else if (chosen > rejected) right++;
  }
  const accuracy = wilsonInterval(right, pairs.length);
  return accuracy === null ? null : { accuracy, pairs: pairs.length, ties, unscored };
}
