import { commonPrefix } from "./common-prefix.ts";
import type { BackendContext, LlamaBackend } from "./llama-backend.ts";
import type { NativeSampler } from "./llama-bindings.ts";
import { continuesSlot, type Donor, findDonor, type Job, precededBy, type Slot, upcomingTokens } from "./slot.ts";
import type { SamplingSettings } from "./step.ts";

/** The sequences of one context: which program has which, and what their caches hold. */
export class SequenceSet {
  readonly context: BackendContext;
  readonly slots: Slot[];
  readonly #sharePrefixes: boolean;
  #clock = 0;

  constructor(context: BackendContext, backend: LlamaBackend, options: { sharePrefixes: boolean }) {
    this.context = context;
    this.#sharePrefixes = options.sharePrefixes;
    this.slots = Array.from({ length: context.sequences }, (_, index) => ({
      index,
      tokens: [],
      sampler: backend.createSampler(),
      reader: createReader(backend),
      job: undefined,
      usedAt: 0,
    }));
  }

  get free(): Slot[] {
    return this.slots.filter((slot) => slot.job === undefined);
  }

  /** Gives a program one of the free sequences, with as much of its prompt as a donor has. */
  async place(job: Job, donor: Donor | undefined): Promise<void> {
    const { free } = this;
    const idle = free.reduce((oldest, candidate) => (candidate.usedAt < oldest.usedAt ? candidate : oldest));
    // A free sequence that holds little else than the shared part is taken as it is. Any other is copied from, so that
    // what it holds stays there for the programs it was computed for; the copy goes to the longest unused sequence.
    const own = donor !== undefined && free.includes(donor.slot) && (donor.slot === idle || continuesSlot(donor));
    const slot = own ? donor.slot : idle;
    slot.job = job;
    slot.usedAt = ++this.#clock;
    configure(slot.sampler, job.sampling);
    if (donor === undefined || !this.#sharePrefixes) return this.#truncate(slot, 0);
    if (own) return this.#reuse(slot, job, donor.length);
    job.waitsFor = { ...donor, job: donor.slot.job };
    // At once where it can be: the next program to be placed may take over the sequence that is copied from.
    await this.#forkInto(slot, job);
  }

  /** Forks every program whose shared prefix is there by now. */
  async fork(): Promise<void> {
    for (const slot of this.slots) if (slot.job !== undefined) await this.#forkInto(slot, slot.job);
  }

  /** Drops what a step erases. What a recurrent state lost beyond that is fed again. */
  erase(slot: Slot, job: Job): void {
    const { erase, ...step } = job.step;
    if (!erase) return;
    const held = slot.tokens.slice(0, -erase);
    this.#truncate(slot, held.length);
    job.step = slot.tokens.length === held.length ? step : precededBy(held, step);
  }

  /** Takes a sequence from its program; what it holds stays for others. */
  release(slot: Slot): void {
    slot.job = undefined;
    slot.usedAt = ++this.#clock;
  }

  async close(): Promise<void> {
    for (const slot of this.slots) {
      slot.sampler.dispose();
      slot.reader.dispose();
    }
    await this.context.close();
  }

  #reuse(slot: Slot, job: Job, length: number): void {
    this.#truncate(slot, length);
    job.fed = slot.tokens.length;
    job.cachedTokens = slot.tokens.length;
  }

  /** Cuts a sequence to its first tokens. Models with a recurrent state cannot: they start again from nothing. */
  #truncate(slot: Slot, length: number): void {
    if (slot.tokens.length <= length) return;
    const { native } = this.context;
    if (length > 0 && native.removeTokenCellsFromSequence(slot.index, length, slot.tokens.length)) {
      slot.tokens.length = length;
      return;
    }
    native.disposeSequence(slot.index);
    slot.tokens = [];
  }

  async #forkInto(slot: Slot, job: Job): Promise<void> {
    const waits = job.waitsFor;
    if (waits === undefined) return;
    const prefix = job.step.feed.slice(0, waits.length);
    const has = (tokens: number[]) => commonPrefix(tokens, prefix) === prefix.length;
    if (!has(waits.slot.tokens)) {
      if (waits.slot.job === waits.job && has(upcomingTokens(waits.slot))) return;
      // That program ended or went another way before it got so far. Sequences that wait themselves are left out: two
      // must not wait for each other.
      const others = this.slots.filter((other) => other !== slot && other.job?.waitsFor === undefined);
      const donor = findDonor(job, others);
      job.waitsFor = donor && { ...donor, job: donor.slot.job };
      return donor === undefined ? this.#truncate(slot, 0) : this.#forkInto(slot, job);
    }
    job.waitsFor = undefined;
    const { native } = this.context;
    native.disposeSequence(slot.index);
    await native.copySequenceStateFromOtherSequence(slot.index, waits.slot.index);
    slot.tokens = waits.slot.tokens.slice();
    this.#reuse(slot, job, prefix.length);
  }
}

/** Sets how a sampler draws, from the start of its seed's random numbers. */
function configure(sampler: NativeSampler, { temperature, topP, seed }: SamplingSettings): void {
  const random = temperature > 0 ? { seed, ...(topP < 1 ? { topP } : {}) } : {};
  // A sampler that gets the seed it has goes on where it is; another seed in between starts it again.
  if (temperature > 0) sampler.applyConfig({ temperature, seed: (seed ^ 1) >>> 0 });
  sampler.applyConfig({ temperature, ...random });
}

function createReader(backend: LlamaBackend): NativeSampler {
  const reader = backend.createSampler();
  reader.applyConfig({ temperature: 0 });
  return reader;
}
