import type { NativeContext, NativeSampler } from "../llama-bindings.ts";
import { argmax, logProbabilities, ranked, type ToyModel } from "./toy-model.ts";
import type { ToySampler } from "./toy-sampler.ts";

export interface ToyContextOptions {
  model: ToyModel;
  sequences: number;
  contextTokens: number;
  /** Cannot cut a sequence, only drop it whole. */
  recurrent: boolean;
  /** Called before each decode with its number, from 0 over all contexts; may throw, wait, or move a clock. */
  onDecode: (tokens: number) => void | Promise<void>;
}

/** A llama.cpp context that computes nothing but keeps the books, and throws on whatever would go wrong in the real one. */
export class ToyContext implements NativeContext {
  computedTokens = 0;
  threads = 0;
  closed = false;
  readonly #options: ToyContextOptions;
  readonly #sequences: number[][];
  #batchSize = 0;
  #batchTokens = 0;
  #decoding = false;
  #decoded = false;
  #reading = 0;
  /** Prefix of every position with logits in the batch. */
  #prefixes = new Map<number, number[]>();

  constructor(options: ToyContextOptions) {
    this.#options = options;
    this.#sequences = Array.from({ length: options.sequences }, () => []);
  }

  initBatch(size: number): void {
    this.#expectIdle("initBatch");
    this.#batchSize = size;
    this.#batchTokens = 0;
    this.#decoded = false;
    this.#prefixes = new Map();
  }

  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitPositions: Uint32Array): Uint32Array {
    this.#expectIdle("addToBatch");
    const held = this.#sequence(sequence);
    if (position !== held.length) throw new Error(`sequence ${sequence} holds ${held.length} tokens, not ${position}`);
    if (this.#batchTokens + tokens.length > this.#batchSize)
      throw new Error("Tokens exceed the initialized batch size");
    const indexes: number[] = [];
    for (const [offset, token] of tokens.entries()) {
      held.push(token);
      if (logitPositions.includes(offset)) {
        indexes.push(this.#batchTokens);
        this.#prefixes.set(this.#batchTokens, held.slice());
      }
      this.#batchTokens++;
    }
    if (indexes.length !== logitPositions.length) throw new Error("logits of a position that is not in the batch");
    return Uint32Array.from(indexes);
  }

  async decodeBatch(): Promise<void> {
    this.#expectIdle("decodeBatch");
    if (this.#batchTokens === 0) throw new Error("an empty batch was decoded");
    this.#decoding = true;
    try {
      await new Promise((resolve) => setImmediate(resolve));
      await this.#options.onDecode(this.#batchTokens);
      if (this.#sequences.some((tokens) => tokens.length > this.#options.contextTokens))
        throw new Error("could not find a KV slot for the batch");
    } finally {
      this.#decoding = false;
    }
    this.computedTokens += this.#batchTokens;
    this.#decoded = true;
  }

  async sampleToken(logitIndex: number, sampler: NativeSampler, ...rest: unknown[]): Promise<never> {
    const toy = sampler as ToySampler;
    const prefix = this.#prefixes.get(logitIndex);
    if (!this.#decoded || this.#decoding || prefix === undefined) throw new Error(`no logits at ${logitIndex}`);
    if (toy.busy) throw new Error("a sampler is used by two reads at once");
    if (toy.disposed) throw new Error("Sampler is disposed");
    toy.busy = true;
    this.#reading++;
    await new Promise((resolve) => setImmediate(resolve));
    toy.busy = false;
    this.#reading--;
    if (this.closed) throw new Error("the context was closed while logits were read");
    const logits = this.#options.model(prefix);
    const token = toy.draw(logits);
    return (rest.length === 0 ? token : [token, undefined, undefined, ...readLogits(logits, token, rest)]) as never;
  }

  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean {
    this.#expectIdle("removeTokenCellsFromSequence");
    const held = this.#sequence(sequence);
    if (end !== held.length || start > end) throw new Error(`cannot cut ${start}-${end} of ${held.length} tokens`);
    if (this.#options.recurrent) return start === end;
    held.length = start;
    return true;
  }

  disposeSequence(sequence: number): void {
    this.#expectIdle("disposeSequence");
    this.#sequence(sequence).length = 0;
  }

  async copySequenceStateFromOtherSequence(target: number, source: number): Promise<number> {
    this.#expectIdle("copySequenceStateFromOtherSequence");
    if (target === source || this.#sequence(target).length > 0) throw new Error("a copy needs an empty sequence");
    await new Promise((resolve) => setImmediate(resolve));
    this.#sequence(target).push(...this.#sequence(source));
    return this.#sequence(target).length - 1;
  }

  setThreads(threads: number): void {
    this.#expectIdle("setThreads");
    this.threads = threads;
  }

  close(): void {
    this.#expectIdle("close");
    this.closed = true;
  }

  #sequence(index: number): number[] {
    const tokens = this.#sequences[index];
    if (tokens === undefined) throw new Error(`there is no sequence ${index}`);
    return tokens;
  }

  #expectIdle(call: string): void {
    if (this.closed) throw new Error(`${call}: Context is disposed`);
    if (this.#decoding || this.#reading > 0) throw new Error(`${call} while the context computes`);
  }
}

/** As the native call does it: the maximum comes along only where it is asked for anyway, the selected token always. */
function readLogits(
  logits: Float64Array,
  token: number,
  [, , options, weigh]: unknown[],
): [number[], number | undefined] {
  const [tokens, , , includeSelected, top] = options as [number[], boolean, boolean, boolean, number];
  const order = ranked(logits);
  const asked = new Set([...tokens, ...(includeSelected ? [token] : [])]);
  const listed = [...order.slice(0, top), ...order.filter((id) => asked.has(id))];
  const weight = 1 / Math.exp(logProbabilities(logits)[argmax(logits)]!);
  return [listed.flatMap((id) => [id, logits[id]!]), weigh ? weight : undefined];
}
