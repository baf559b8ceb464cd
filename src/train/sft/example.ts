import type { Datum } from "../../tinker/datum.ts";

/** A conversation as tokens. */
export interface SftExample {
  id: string;
  /** The whole conversation, [n]. */
  tokens: Int32Array;
  /** 1 where a token is trained on, else 0, [n]. */
  mask: Uint8Array;
}

/** How many targets of an example count. The first token of a conversation is never a target. */
export function trainedTokens({ mask }: Pick<SftExample, "mask">): number {
  return mask.subarray(1).reduce((sum, one) => sum + one, 0);
}

/**
 * The training arrays of an example, each [n - 1]: position t reads token t and predicts token t + 1, with weight
 * mask[t + 1] / `weightSum`. With the sum of the masks over a whole batch as `weightSum`, the weights of the batch sum to
 * 1, and a server that sums over tokens takes the gradient of the batch's mean loss per token.
 */
export function exampleDatum({ tokens, mask }: SftExample, weightSum: number): Datum {
  return {
    input: tokens.subarray(0, -1),
    target: tokens.subarray(1),
    weights: Float32Array.from(mask.subarray(1), (one) => one / weightSum),
  };
}

/** Sum over an example's trained targets of their negative log-probability, in nats. `logprobs` is [n - 1] or padded. */
export function exampleLoss({ mask }: SftExample, logprobs: Float32Array): number {
  let sum = 0;
  for (let t = 0; t + 1 < mask.length; t++) if (mask[t + 1] === 1) sum -= logprobs[t]!;
  return sum;
}
