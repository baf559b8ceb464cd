import { commonPrefix } from "./common-prefix.ts";
import type { NativeSampler } from "./llama-bindings.ts";
import type { Program, SampledToken, SamplingSettings, Step } from "./step.ts";

/** A program in the scheduler. */
export interface Job {
  program: Program<unknown>;
  sampling: SamplingSettings;
  /** Tokens its sequence may come to hold. */
  tokensNeeded: number;
  signal: AbortSignal | undefined;
  step: Step;
  /** How many tokens of `step.feed` are computed. */
  fed: number;
  /** Tokens sampled in this step so far: a long step is computed in several batches. */
  sampled: SampledToken[];
  cachedTokens: number;
  startedAt: number;
  /** How often a younger program was taken before this one, the oldest. */
  passedOver: number;
  /** Waits until another sequence has computed the prefix that both share. */
  waitsFor?: Donor & { job: Job | undefined };
  resolve(outcome: JobOutcome<unknown>): void;
  reject(error: unknown): void;
}

export interface JobOutcome<T> {
  value: T;
  /** Prompt tokens that were taken from a sequence that had them already. */
  cachedTokens: number;
  milliseconds: number;
}

/** One sequence of the context. */
export interface Slot {
  index: number;
  /** What its cache holds. */
  tokens: number[];
  /** Draws tokens as the program's settings say. */
  sampler: NativeSampler;
  /** Reads logits as they are. Each sequence has its own: a sampler's buffer must not be used by two reads at once. */
  reader: NativeSampler;
  job: Job | undefined;
  usedAt: number;
}

/** A sequence that has, or will have, the first `length` tokens of a program's prompt. */
export interface Donor {
  slot: Slot;
  length: number;
}

/** Whether the shared part is most of what the sequence holds, so that taking its place loses little. */
export function continuesSlot({ slot, length }: Donor): boolean {
  return 2 * length >= slot.tokens.length;
}

/** With fewer tokens than this to come, a sequence is only worth copying for what it holds already. */
const worthWaitingFor = 9;

/** The sequence that has, or will have, the longest part of this program's prompt. */
export function findDonor(job: Job, slots: readonly Slot[]): Donor | undefined {
  let best: Donor | undefined;
  for (const slot of slots) {
    // At least the last prompt token is computed again, because what follows is read after it.
    const known = upcomingTokens(slot, worthWaitingFor);
    const length = Math.min(commonPrefix(known, job.step.feed), job.step.feed.length - 1);
    if (length > 0 && length > (best?.length ?? 0)) best = { slot, length };
  }
  return best;
}

/** What a sequence holds, and, where at least `least` tokens are still to be fed, what it will hold after its step. */
export function upcomingTokens(slot: Slot, least = 0): number[] {
  const { job } = slot;
  if (job === undefined) return slot.tokens;
  if (job.waitsFor !== undefined) return job.step.feed;
  const held = job.step.erase ? slot.tokens.slice(0, -job.step.erase) : slot.tokens;
  return remaining(job) >= least ? [...held, ...job.step.feed.slice(job.fed)] : held;
}

/** Tokens of the current step that are not computed yet. */
export function remaining(job: Job): number {
  return job.step.feed.length - job.fed;
}

/** Positions within the `count` tokens fed after the first `fed` at which logits are needed. */
export function logitPositions(step: Step, fed: number, count: number): number[] {
  const last = step.feed.length - 1;
  const from = step.want.kind === "nothing" ? last + 1 : step.want.kind === "sample" ? step.want.from : last;
  const positions: number[] = [];
  for (let index = Math.max(from, fed); index < fed + count; index++) positions.push(index - fed);
  return positions;
}

/** The same step where `tokens` have to be fed before it. */
export function precededBy(tokens: readonly number[], step: Step): Step {
  const want = step.want.kind === "sample" ? { ...step.want, from: step.want.from + tokens.length } : step.want;
  return { ...step, feed: [...tokens, ...step.feed], want };
}
