import type { Datum } from "../../tinker/datum.ts";
import type { PassResult } from "../../tinker/trainer.ts";
import { TrainingError } from "../training-error.ts";
import { exampleDatum, exampleLoss, type SftExample, trainedTokens } from "./example.ts";
import { planCalls } from "./plan-calls.ts";

/** What a pass over a batch came to. */
export interface BatchResult {
  /** Mean negative log-probability of the trained tokens, in nats. */
  loss: number;
  trainedTokens: number;
  /** Tokens the model read. */
  inputTokens: number;
  /** The same with padding. */
  paddedTokens: number;
}

/**
 * Passes a batch to the server, call by call within a token budget; a call is made when the one before is answered,
 * because a server may put waiting calls together and pad them all to the longest. The weights of all the calls sum to 1
 * (see `exampleDatum`). Throws `TrainingError` for an answer that does not fit the data.
 */
export async function runBatch(
  batch: readonly SftExample[],
  options: { tokenBudget: number; pass: (data: Datum[]) => Promise<PassResult> },
): Promise<BatchResult> {
  const trained = batch.reduce((sum, example) => sum + trainedTokens(example), 0);
  const result = { loss: 0, trainedTokens: trained, inputTokens: 0, paddedTokens: 0 };
  const lengths = batch.map(({ tokens }) => tokens.length - 1);
  for (const { items, paddedLength } of planCalls(lengths, options.tokenBudget)) {
    const examples = items.map((item) => batch[item]!);
    const { logprobs } = await options.pass(examples.map((example) => exampleDatum(example, trained)));
    for (const [index, example] of examples.entries()) {
      const own = logprobs[index];
      const expected = example.tokens.length - 1;
      if (logprobs.length !== examples.length || own === undefined || own.length < expected) {
        throw new TrainingError(
          "bad-numbers",
          `the server answered a pass over ${examples.length} sequences with log-probabilities of ${logprobs.length}${own === undefined ? "" : ` (${own.length} for ${JSON.stringify(example.id)}, which has ${expected})`}; it does not speak the protocol as this version does`,
        );
      }
      result.loss += exampleLoss(example, own) / trained;
      result.inputTokens += expected;
    }
    result.paddedTokens += paddedLength * items.length;
  }
  return result;
}
