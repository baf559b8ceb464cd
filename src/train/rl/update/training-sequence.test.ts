import { expect, test } from "vitest";
import { criteriaTrajectory } from "../testing/trajectories.ts";
import { advantageScales, type Reduction } from "./advantage-scales.ts";
import { tokenAdvantages } from "./kl-penalty.ts";
import { makeMiniBatches } from "./mini-batches.ts";
import { makeDatum, type TrainingSequence } from "./training-sequence.ts";

/** A sequence of a prompt of 3 tokens and an answer of `n`, all with one advantage. */
function sequenceOf(n: number, advantage: number): TrainingSequence {
  const tokens = Int32Array.from({ length: n }, (_, index) => 20 + index);
  const logprobs = new Float32Array(n).fill(-0.5);
  const trajectory = { ...criteriaTrajectory(0), prompt: Int32Array.of(10, 11, 12), tokens, logprobs };
  return { trajectory, advantages: new Float32Array(n).fill(advantage) };
}

test("a datum is shifted by one, and only the answer's tokens carry log-probabilities and advantages", () => {
  const { input, target, logprobs, advantages, weights } = makeDatum(sequenceOf(2, 3), 0.5);
  expect([...input]).toEqual([10, 11, 12, 20]);
  expect([...target]).toEqual([11, 12, 20, 21]);
  expect([...logprobs!]).toEqual([0, 0, -0.5, -0.5]);
  expect([...advantages!]).toEqual([0, 0, 1.5, 1.5]);
  expect(weights).toBeUndefined();
});

test("the KL penalty lowers the advantage of tokens that the reference finds less probable", () => {
  const given = tokenAdvantages(1, Float32Array.of(-1, -2), { beta: 0.5, logprobs: Float32Array.of(-3, -1) });
  expect([...given]).toEqual([0, 1.5]);
  expect([...tokenAdvantages(1, Float32Array.of(-1, -2))]).toEqual([1, 1]);
  expect(() => tokenAdvantages(1, Float32Array.of(-1), { beta: 1, logprobs: new Float32Array(2) })).toThrow(
    "2 reference log-probabilities for 1 tokens",
  );
});

/** What a server that reduces in this way makes of constant advantages: each answer token's share of the loss. */
function shares(sent: TrainingSequence[], scales: number[], reduction: Reduction): number[] {
  return sent.map((sequence, index) => {
    const { advantages } = makeDatum(sequence, scales[index]!);
    const trained = advantages!.filter((advantage) => advantage !== 0);
    const divisor = { sum: 1, "mean-of-targets": advantages!.length, "mean-of-trained": trained.length };
    const loss = trained[0]! / divisor[reduction.tokens];
    return reduction.sequences === "mean" ? loss / sent.length : loss;
  });
}

const reductions: Reduction[] = (["sum", "mean-of-targets", "mean-of-trained"] as const).flatMap((tokens) => [
  { tokens, sequences: "sum" },
  { tokens, sequences: "mean" },
]);

test.each(reductions)("token normalisation gives every token the same share under $tokens, $sequences", (reduction) => {
  const sent = [sequenceOf(2, 1), sequenceOf(6, 1)];
  // A third trajectory of 8 tokens had zero advantage: it counts, and is not sent.
  const scales = advantageScales(sent, { sequences: 3, tokens: 16 }, { reduction, normalisation: "token" });
  expect(shares(sent, scales, reduction)).toEqual([expect.closeTo(1 / 16, 6), expect.closeTo(1 / 16, 6)]);
});

test.each(reductions)(
  "sequence normalisation gives every trajectory the same share under $tokens, $sequences",
  (reduction) => {
    const sent = [sequenceOf(2, 1), sequenceOf(6, 1)];
    const scales = advantageScales(sent, { sequences: 3, tokens: 16 }, { reduction, normalisation: "sequence" });
    expect(shares(sent, scales, reduction)).toEqual([expect.closeTo(1 / 6, 6), expect.closeTo(1 / 18, 6)]);
  },
);

test("mini-batches share the sequences out, count the silent ones and send those with an advantage", () => {
  const sequences = [sequenceOf(1, 1), sequenceOf(2, 0), sequenceOf(4, -1), sequenceOf(8, 0), sequenceOf(16, 1)];
  const batches = makeMiniBatches(sequences, 1, () => 0.5);
  expect(batches).toHaveLength(1);
  expect(batches[0]!.size).toEqual({ sequences: 5, tokens: 31 });
  expect(batches[0]!.sequences.map(({ trajectory }) => trajectory.tokens.length).sort((a, b) => a - b)).toEqual([
    1, 4, 16,
  ]);
  const two = makeMiniBatches([sequenceOf(1, 1), sequenceOf(2, 1), sequenceOf(3, 1)], 2, () => 0.5);
  expect(two.map(({ size }) => size.sequences)).toEqual([2, 1]);
  expect(makeMiniBatches([sequenceOf(1, 0)], 4, () => 0.5)).toEqual([]);
});
