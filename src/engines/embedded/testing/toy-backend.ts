import type { BackendContext, ContextShape, LlamaBackend } from "../llama-backend.ts";
import { ToyContext } from "./toy-context.ts";
import { type ToyModel, toyTokenizer } from "./toy-model.ts";
import { ToySampler } from "./toy-sampler.ts";

export interface ToyBackend extends LlamaBackend {
  /** Every context that was made, in order. */
  readonly contexts: ToyContext[];
  readonly shapes: ContextShape[];
  /** Tokens computed in all contexts. */
  readonly computedTokens: number;
  closed: boolean;
}

/** A backend without native code. `maxSequences` is what its memory has room for. */
export function createToyBackend(
  model: ToyModel,
  options: {
    trainContextTokens?: number;
    recurrent?: boolean;
    maxSequences?: number;
    onDecode?: (tokens: number) => void | Promise<void>;
    onContext?: (shape: ContextShape) => void;
  } = {},
): ToyBackend {
  const contexts: ToyContext[] = [];
  const shapes: ContextShape[] = [];
  return {
    ...toyTokenizer,
    contexts,
    shapes,
    closed: false,
    get computedTokens() {
      return contexts.reduce((sum, context) => sum + context.computedTokens, 0);
    },
    gpu: false,
    trainContextTokens: options.trainContextTokens ?? 4096,
    chatTemplate: undefined,
    bosToken: undefined,
    eosToken: undefined,
    bos: undefined,
    tokenizeTemplate: (text) => toyTokenizer.tokenize(text),
    createSampler: () => new ToySampler(),
    async createContext(shape): Promise<BackendContext> {
      options.onContext?.(shape);
      const sequences = Math.min(shape.sequences, options.maxSequences ?? shape.sequences);
      const native = new ToyContext({
        model,
        sequences,
        contextTokens: shape.contextTokens,
        recurrent: options.recurrent ?? false,
        onDecode: options.onDecode ?? (() => {}),
      });
      contexts.push(native);
      shapes.push(shape);
      return { ...shape, sequences, native, close: async () => native.close() };
    },
    async close() {
      this.closed = true;
    },
  };
}
