/**
 * Advantages of one trajectory's tokens, [n]: its own advantage, and the KL penalty to the reference policy, which no
 * loss of the server has: `A - beta * (logprob - referenceLogprob)`, with the log-probabilities of the sampled tokens, [n].
 * Without a reference every token has A.
 */
export function tokenAdvantages(
  advantage: number,
  logprobs: Float32Array,
  reference?: { beta: number; logprobs: Float32Array },
): Float32Array {
  if (reference === undefined) return new Float32Array(logprobs.length).fill(advantage);
  if (reference.logprobs.length !== logprobs.length)
    throw new Error(`${reference.logprobs.length} reference log-probabilities for ${logprobs.length} tokens`);
  return logprobs.map((logprob, token) => advantage - reference.beta * (logprob - reference.logprobs[token]!));
}
