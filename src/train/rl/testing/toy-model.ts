import type { AdamParams } from "../../../tinker/trainer.ts";
import { endOfAnswer, phraseCount, phraseOf, phrases, textOf } from "./toy-codec.ts";

/** Weights and optimiser moments, as they are saved. */
export interface ToyWeights {
  logits: Record<string, number[]>;
  moments: Record<string, { first: number[]; second: number[] }>;
  steps: number;
}

/**
 * A policy with a table of logits, one row for each state it can tell apart: what it is asked for, whether the criteria look
 * at what decides, and, with such criteria only, whether the response has the word "blue". At first its criteria are one kind or
 * the other, its scores anything, and it babbles now and then.
 */
export class ToyModel {
  readonly weights: ToyWeights;

  constructor(weights: ToyWeights = { logits: {}, moments: {}, steps: 0 }) {
    this.weights = structuredClone(weights);
  }

  /** Log-probabilities of all phrases in a state. */
  logprobs(state: string): number[] {
    const logits = this.row(state);
    const highest = Math.max(...logits);
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0)) + highest;
    return logits.map((logit) => logit - total);
  }

  row(state: string): number[] {
    this.weights.logits[state] ??= Array.from({ length: phraseCount }, (_, phrase) => firstLogit(state, phrase));
    return this.weights.logits[state];
  }

  /** One step of Adam along a gradient to ascend, by state. */
  ascend(gradient: ReadonlyMap<string, number[]>, { learningRate, beta1, beta2, epsilon }: AdamParams): void {
    const { weights } = this;
    weights.steps++;
    for (const state of new Set([...gradient.keys(), ...Object.keys(weights.moments)])) {
      const row = this.row(state);
      weights.moments[state] ??= { first: row.map(() => 0), second: row.map(() => 0) };
      const { first, second } = weights.moments[state];
      row.forEach((_, at) => {
        const slope = gradient.get(state)?.[at] ?? 0;
        first[at] = beta1 * first[at]! + (1 - beta1) * slope;
        second[at] = beta2 * second[at]! + (1 - beta2) * slope ** 2;
        const mean = first[at]! / (1 - beta1 ** weights.steps);
        const scale = Math.sqrt(second[at]! / (1 - beta2 ** weights.steps)) + epsilon;
        row[at]! += (learningRate * mean) / scale;
      });
    }
  }
}

/** After the first phrase of an answer. */
export const withinAnswer = "within an answer";

/** What the model goes by when it says the next phrase after these tokens. */
export function stateAfter(tokens: Int32Array): string {
  if (phraseOf(tokens.at(-1)!) !== undefined) return withinAnswer;
  const text = textOf(tokens);
  const response = text.slice(text.lastIndexOf("[Start of Response]"));
  const blue = response.includes("blue") ? "blue" : "not blue";
  if (text.includes("Judge how well")) return `judge without criteria, ${blue}`;
  if (!text.includes("Judge this response")) return "write criteria";
  return text.includes("**Colour**") ? `judge by colour, ${blue}` : "judge by something else";
}

function firstLogit(state: string, phrase: number): number {
  const isEnd = phrase === phraseOf(endOfAnswer);
  if (state === withinAnswer) return isEnd ? 5 : 0;
  const [useful, useless, babble] = [0, 1, 2];
  if (state === "write criteria") return phrase === useful || phrase === useless ? 4 : phrase === babble ? 2 : 0;
  return phrase > babble && phrase <= babble + phrases.scores.length ? 3 : 0;
}
