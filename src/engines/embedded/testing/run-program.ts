import { expect } from "vitest";
import { emptyResult, type Program, type SamplingSettings, type Step, type StepResult } from "../step.ts";
import { logProbabilities, ranked, type ToyModel } from "./toy-model.ts";
import { ToySampler } from "./toy-sampler.ts";

export const greedy: SamplingSettings = { temperature: 0, topP: 1, seed: 0 };

/**
 * Runs a program alone on a plain list of tokens, and checks what every program must keep to: something is fed where
 * something is read, and the prompt stays.
 */
export function runProgram<T>(
  program: Program<T>,
  model: ToyModel,
  prompt: readonly number[],
  sampling: SamplingSettings = greedy,
): { value: T; tokens: number[]; steps: Step[] } {
  const sampler = new ToySampler();
  sampler.applyConfig(sampling);
  let tokens: number[] = [];
  const steps: Step[] = [];
  let next = program.next();
  while (next.done !== true) {
    const step = next.value;
    steps.push(step);
    const erase = step.erase ?? 0;
    expect(erase).toBeLessThanOrEqual(tokens.length);
    if (step.want.kind !== "nothing") expect(step.feed.length).toBeGreaterThan(0);
    tokens = [...tokens.slice(0, tokens.length - erase), ...step.feed];
    expect(tokens.slice(0, prompt.length)).toEqual(prompt);
    next = program.next(readToyStep(model, tokens, step, sampler));
  }
  return { value: next.value, tokens, steps };
}

function readToyStep(model: ToyModel, tokens: number[], step: Step, sampler: ToySampler): StepResult {
  const { want } = step;
  if (want.kind === "sample") {
    expect(want.from).toBeGreaterThanOrEqual(0);
    expect(want.from).toBeLessThan(step.feed.length);
    const start = tokens.length - step.feed.length;
    const sampled = step.feed.slice(want.from).map((_, index) => {
      const logits = model(tokens.slice(0, start + want.from + index + 1));
      const token = sampler.draw(logits);
      if (want.logprobs === undefined) return { token };
      const logprobs = logProbabilities(logits);
      const top = ranked(logits).slice(0, want.logprobs);
      return { token, logprob: logprobs[token]!, top: top.map((id) => ({ token: id, logprob: logprobs[id]! })) };
    });
    return { ...emptyResult, sampled };
  }
  const logits = model(tokens);
  const logprobs = logProbabilities(logits);
  if (want.kind === "logits")
    return { ...emptyResult, logprobs: new Map(want.tokens.map((token) => [token, logprobs[token]!])) };
  if (want.kind === "top") {
    const top = ranked(logits).slice(0, want.count);
    return { ...emptyResult, top: top.map((token) => ({ token, logprob: logprobs[token]! })) };
  }
  return emptyResult;
}
