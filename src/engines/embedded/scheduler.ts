import { EngineError } from "../../core/errors.ts";
import { fillBatch, overflow } from "./fill-batch.ts";
import type { ContextShape, LlamaBackend } from "./llama-backend.ts";
import { nextJob } from "./next-job.ts";
import { readStep } from "./read-step.ts";
import { SequenceSet } from "./sequence-set.ts";
import { type Job, type JobOutcome, remaining, type Slot } from "./slot.ts";
import { emptyResult, type Program, type SamplingSettings, type StepResult } from "./step.ts";
import type { ThreadGovernor } from "./thread-governor.ts";

export interface SchedulerOptions {
  backend: LlamaBackend;
  shape: ContextShape;
  governor: ThreadGovernor;
  /** Off: every prompt is computed from its first token (for measurements). */
  sharePrefixes: boolean;
  /** Upper bound of the context in tokens, below the model's own. */
  maxContextTokens?: number;
  now: () => number;
}

/**
 * Runs programs on the sequences of one llama.cpp context. Each round computes one batch: the next tokens of everything
 * that is generating, and as much of the waiting prompts as fits. A prompt that begins like another sequence's content
 * is forked from it (copying takes under a millisecond); where that sequence is still computing the common part, the
 * fork waits for it, so that a prefix is computed once however many prompts share it.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #queue: Job[] = [];
  #sequences: SequenceSet | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #threads: number;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#threads = options.shape.threads;
  }

  /** Tokens a sequence can hold at most. */
  get maxContextTokens(): number {
    const { backend, maxContextTokens } = this.#options;
    return Math.min(backend.trainContextTokens, maxContextTokens ?? backend.trainContextTokens);
  }

  run<T>(
    program: Program<T>,
    options: { sampling: SamplingSettings; tokensNeeded: number; signal?: AbortSignal },
  ): Promise<JobOutcome<T>> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) return reject(options.signal.reason);
      const first = program.next();
      if (first.done === true) return resolve({ value: first.value, cachedTokens: 0, milliseconds: 0 });
      const job: Job = {
        program,
        sampling: options.sampling,
        tokensNeeded: Math.min(options.tokensNeeded, this.maxContextTokens),
        signal: options.signal,
        step: first.value,
        fed: 0,
        sampled: [],
        cachedTokens: 0,
        startedAt: 0,
        passedOver: 0,
        resolve: resolve as Job["resolve"],
        reject,
      };
      this.#queue.push(job);
      this.#running ??= this.#loop();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await this.#closeContext();
  }

  get #busy(): Slot[] {
    return this.#sequences?.slots.filter((slot) => slot.job !== undefined) ?? [];
  }

  async #loop(): Promise<void> {
    // Programs submitted in the same turn of the event loop are admitted together, longest common prefix first.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#closed && (this.#queue.length > 0 || this.#busy.length > 0)) {
      try {
        this.#dropAborted();
        await this.#sequences?.fork();
        await this.#fitContext();
        await this.#admit();
        await this.#round();
      } catch (error) {
        this.#failAll(error);
        await this.#closeContext().catch(() => {});
      }
    }
    // In the same turn as the check above: a program submitted from here on starts the loop anew.
    this.#running = undefined;
    if (this.#closed)
      this.#failAll(
        new EngineError("the engine was closed before this was done", { retryable: false, code: "engine-closed" }),
      );
  }

  #dropAborted(): void {
    for (let index = this.#queue.length - 1; index >= 0; index--) {
      const job = this.#queue[index]!;
      if (job.signal?.aborted) {
        this.#queue.splice(index, 1);
        job.reject(job.signal.reason);
      }
    }
    for (const slot of this.#busy) {
      if (!slot.job!.signal?.aborted) continue;
      slot.job!.reject(slot.job!.signal.reason);
      this.#sequences!.release(slot);
    }
  }

  /** Opens the context, or a larger one once everything running is done and the next program needs it. */
  async #fitContext(): Promise<void> {
    const needed = this.#queue[0]?.tokensNeeded ?? 0;
    if (this.#sequences !== undefined && needed <= this.#sequences.context.contextTokens) return;
    if (this.#busy.length > 0) return;
    const { backend, shape, sharePrefixes } = this.#options;
    const largest = Math.max(...this.#queue.map((job) => job.tokensNeeded));
    const contextTokens = Math.min(this.maxContextTokens, Math.max(shape.contextTokens, roundUp(largest)));
    await this.#closeContext();
    const context = await backend.createContext({ ...shape, contextTokens, threads: this.#threads });
    this.#sequences = new SequenceSet(context, backend, { sharePrefixes });
    this.#dropTooLong(context.contextTokens);
  }

  /** Rejects what does not fit even a context that was just made for it. */
  #dropTooLong(contextTokens: number): void {
    const tooLong = this.#queue.filter((job) => job.tokensNeeded > contextTokens);
    for (const job of tooLong) {
      this.#queue.splice(this.#queue.indexOf(job), 1);
      job.reject(overflow(job.tokensNeeded, contextTokens));
    }
  }

  async #closeContext(): Promise<void> {
    const sequences = this.#sequences;
    this.#sequences = undefined;
    await sequences?.close();
  }

  async #admit(): Promise<void> {
    const sequences = this.#sequences;
    if (sequences === undefined) return;
    const { contextTokens } = sequences.context;
    while (sequences.free.length > 0 && this.#queue.length > 0 && this.#queue[0]!.tokensNeeded <= contextTokens) {
      const { job, donor } = this.#options.sharePrefixes
        ? nextJob(this.#queue, sequences.slots, contextTokens)
        : { job: this.#queue[0]!, donor: undefined };
      this.#queue.splice(this.#queue.indexOf(job), 1);
      job.startedAt = this.#options.now();
      await sequences.place(job, donor);
    }
  }

  /** Computes one batch and hands every program what it asked for. */
  async #round(): Promise<void> {
    const sequences = this.#sequences;
    if (sequences === undefined) return;
    const active = this.#busy.filter((slot) => slot.job!.waitsFor === undefined);
    const batch = fillBatch(sequences, active);
    if (batch.tokens > 0) {
      const startedAt = this.#options.now();
      await sequences.context.native.decodeBatch();
      const threads = this.#options.governor.observe(batch.tokens, this.#options.now() - startedAt);
      if (threads !== this.#threads) sequences.context.native.setThreads(threads);
      this.#threads = threads;
    }
    const reads = batch.entries.map(async ({ slot, job, logits }) => {
      const unfinished = remaining(job) > 0;
      if (unfinished && logits.length === 0) return;
      const result = await readStep(sequences.context.native, job.step, logits, slot.sampler, slot.reader);
      job.sampled.push(...result.sampled);
      if (!unfinished) this.#advance(slot, job, { ...result, sampled: job.sampled });
    });
    // All of them have to end before an error closes the context they read from.
    for (const read of await Promise.allSettled(reads)) if (read.status === "rejected") throw read.reason;
    for (const slot of active) {
      // Steps that only erase need no batch.
      while (slot.job !== undefined && slot.job.step.feed.length === 0) {
        sequences.erase(slot, slot.job);
        if (remaining(slot.job) === 0) this.#advance(slot, slot.job, emptyResult);
      }
    }
  }

  #advance(slot: Slot, job: Job, result: StepResult): void {
    try {
      const next = job.program.next(result);
      if (next.done !== true) {
        job.step = next.value;
        job.fed = 0;
        job.sampled = [];
        return;
      }
      const milliseconds = this.#options.now() - job.startedAt;
      job.resolve({ value: next.value, cachedTokens: job.cachedTokens, milliseconds });
    } catch (error) {
      job.reject(error);
    }
    this.#sequences?.release(slot);
  }

  #failAll(error: unknown): void {
    for (const job of this.#queue.splice(0)) job.reject(error);
    for (const slot of this.#busy) {
      slot.job!.reject(error);
      this.#sequences!.release(slot);
    }
  }
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / 1024) * 1024;
}
