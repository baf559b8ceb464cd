import { ContextOverflowError } from "../../core/errors.ts";
import type { SequenceSet } from "./sequence-set.ts";
import { type Job, logitPositions, remaining, type Slot } from "./slot.ts";

/** What one program has in a batch. */
export interface BatchEntry {
  slot: Slot;
  job: Job;
  /** Where its logits are. */
  logits: Uint32Array;
}

/** Puts the next tokens of the active programs into a batch, as many as fit. */
export function fillBatch(sequences: SequenceSet, active: Slot[]): { entries: BatchEntry[]; tokens: number } {
  const { native, batchTokens, contextTokens } = sequences.context;
  const entries: BatchEntry[] = [];
  let room = batchTokens;
  native.initBatch(batchTokens);
  // Programs that generate have few tokens to feed and go first; prompts fill the rest of the batch.
  for (const slot of active.toSorted((a, b) => remaining(a.job!) - remaining(b.job!))) {
    const job = slot.job!;
    sequences.erase(slot, job);
    const length = slot.tokens.length + remaining(job);
    if (length > contextTokens) {
      sequences.release(slot);
      job.reject(overflow(length, contextTokens));
      continue;
    }
    const count = Math.min(room, remaining(job));
    if (count === 0) continue;
    const tokens = job.step.feed.slice(job.fed, job.fed + count);
    const positions = logitPositions(job.step, job.fed, count);
    const logits = native.addToBatch(
      slot.index,
      slot.tokens.length,
      Uint32Array.from(tokens),
      Uint32Array.from(positions),
    );
    for (const token of tokens) slot.tokens.push(token);
    job.fed += count;
    room -= count;
    entries.push({ slot, job, logits });
  }
  return { entries, tokens: batchTokens - room };
}

/** What a program is told that outgrows its sequence. */
export function overflow(tokens: number, contextTokens: number): ContextOverflowError {
  return new ContextOverflowError(
    `prompt and answer take ${tokens} tokens, but a sequence of this context holds ${contextTokens}: shorten the prompt or the answer's limit, or allow a larger context`,
    { promptTokens: tokens, contextTokens },
  );
}
