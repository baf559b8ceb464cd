import type { NativeContext, NativeSampler } from "./llama-bindings.ts";
import { emptyResult, type SampledToken, type Step, type StepResult } from "./step.ts";

/**
 * Reads what a step wants from the batch that was just computed. `sampler` draws (temperature, top-p, seed); `reader` is
 * greedy and reads logits as the model gave them.
 */
export async function readStep(
  native: NativeContext,
  step: Step,
  logitIndexes: Uint32Array,
  sampler: NativeSampler,
  reader: NativeSampler,
): Promise<StepResult> {
  const { want } = step;
  if (want.kind === "sample") {
    const sampled: SampledToken[] = [];
    for (const index of logitIndexes) {
      const token = await native.sampleToken(index, sampler);
      if (token < 0) throw new Error("no token could be sampled from the model's logits");
      if (want.logprobs === undefined) sampled.push({ token });
      else sampled.push(await withLogprobs(native, index, token, reader, want.logprobs));
    }
    return { ...emptyResult, sampled };
  }
  if (want.kind === "logits") {
    const logprobs = await readLogprobs(native, logitIndexes[0]!, reader, want.tokens, 0);
    return { ...emptyResult, logprobs: new Map(logprobs.map(({ token, logprob }) => [token, logprob])) };
  }
  if (want.kind === "top")
    return { ...emptyResult, top: await readLogprobs(native, logitIndexes[0]!, reader, [], want.count) };
  return emptyResult;
}

async function withLogprobs(
  native: NativeContext,
  index: number,
  token: number,
  reader: NativeSampler,
  count: number,
): Promise<SampledToken> {
  const read = await readLogprobs(native, index, reader, [token], count);
  return { token, logprob: read.find((entry) => entry.token === token)!.logprob, top: read.slice(0, count) };
}

/**
 * Log-probabilities over the whole vocabulary: of the `top` most probable tokens, descending, and of `tokens`. The weight
 * is relative to the largest logit, which has to come along: the reader is greedy, so it is the one selected. (Asking for
 * the maximum itself gives nothing where that token was not asked for.)
 */
async function readLogprobs(
  native: NativeContext,
  index: number,
  reader: NativeSampler,
  tokens: number[],
  top: number,
): Promise<{ token: number; logprob: number }[]> {
  const [, , , flat, weight] = await native.sampleToken(
    index,
    reader,
    false,
    false,
    [tokens, false, false, true, top],
    true,
  );
  const logits = Array.from({ length: flat.length / 2 }, (_, pair) => ({
    token: flat[2 * pair]!,
    logit: flat[2 * pair + 1]!,
  }));
  const asked = new Set(tokens);
  const largest = logits.reduce((max, { logit }) => Math.max(max, logit), Number.NEGATIVE_INFINITY);
  const normaliser = largest + Math.log(weight);
  return logits
    .filter(({ token }, position) => position < top || asked.has(token))
    .map(({ token, logit }) => ({ token, logprob: logit - normaliser }));
}
