/**
 * One training sequence of n tokens as the Tinker API takes it: inputs are tokens 0 to n-2, targets tokens 1 to n-1, and every
 * array has one entry per target, T = n-1.
 */
export interface Datum {
  /** Tokens the model reads, [T]. */
  input: Int32Array;
  /** Tokens it is to predict, [T]; `target[t]` follows `input[t]`. */
  target: Int32Array;
  /**
   * How much each target counts, [T]; 0 is masked. Give it for policy losses too: SkyRL's jax backend divides the loss of a
   * sequence by the sum of its weights (all ones where there are none, the prompt's included) and the gradient by the number
   * of sequences since the last step.
   */
  weights?: Float32Array;
  /** Policy losses: natural log-probability of each target when it was sampled, [T]; 0 on prompt tokens. */
  logprobs?: Float32Array;
  /** Policy losses: advantage of each target, [T]; 0 on prompt tokens. */
  advantages?: Float32Array;
}
