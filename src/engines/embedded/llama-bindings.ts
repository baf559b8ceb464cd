import type { LlamaContext, LlamaModel } from "node-llama-cpp";

/**
 * The part of node-llama-cpp's native bindings that the scheduler drives directly. They are internal to that package, so
 * its version is pinned to the patch level and `bindContext` checks that all of them are there. Why not the public
 * sequence API: docs/decisions/003-native-batching.md.
 */
export interface NativeContext {
  initBatch(size: number): void;
  /** Returns the logit index of every entry of `logitPositions` (positions within `tokens`). */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitPositions: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logitIndex: number, sampler: NativeSampler): Promise<number>;
  sampleToken(
    logitIndex: number,
    sampler: NativeSampler,
    probabilities: false,
    confidence: false,
    logits: [tokens: number[], includeMax: boolean, includeMin: boolean, includeSelected: boolean, includeTop: number],
    totalLogitWeight: true,
  ): Promise<[token: number, undefined, undefined, logits: number[], totalLogitWeight: number]>;
  removeTokenCellsFromSequence(sequence: number, start: number, end: number): boolean;
  disposeSequence(sequence: number): void;
  copySequenceStateFromOtherSequence(target: number, source: number): Promise<number>;
  setThreads(threads: number): void;
}

export interface NativeSampler {
  applyConfig(config: { temperature?: number; topP?: number; seed?: number }): void;
  dispose(): void;
}

const contextMethods = [
  "initBatch",
  "addToBatch",
  "decodeBatch",
  "sampleToken",
  "removeTokenCellsFromSequence",
  "disposeSequence",
  "copySequenceStateFromOtherSequence",
  "setThreads",
] as const;

/** The native context below a `LlamaContext`. Throws when this version of node-llama-cpp has other bindings. */
export function bindContext(context: LlamaContext): NativeContext {
  const native = (context as unknown as { _ctx?: NativeContext })._ctx;
  const missing = contextMethods.filter((name) => typeof native?.[name] !== "function");
  if (native === undefined || missing.length > 0)
    throw new Error(`node-llama-cpp lacks the bindings ${missing.join(", ")}: install the version cerm was built with`);
  return native;
}

/** A native sampler; its buffers (one entry a vocabulary token) are kept for its life, which is why it is reused. */
export function createSampler(model: LlamaModel): NativeSampler {
  const internals = model as unknown as {
    _model: unknown;
    _llama: { _bindings: { AddonSampler: new (model: unknown) => NativeSampler } };
  };
  return new internals._llama._bindings.AddonSampler(internals._model);
}
