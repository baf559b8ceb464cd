import { cpus, freemem } from "node:os";
import type { LlamaContext, LlamaModel } from "node-llama-cpp";
import { CermError, InputError } from "../../core/errors.ts";
import { bindContext, createSampler, type NativeContext, type NativeSampler } from "./llama-bindings.ts";
import { llamaInstance } from "./llama-instance.ts";
import type { Tokenizer } from "./step.ts";

export interface LlamaBackendOptions {
  modelPath: string;
  /** LoRA adapters (GGUF) with their scale. */
  lora?: { path: string; scale?: number }[];
  /** `"auto"` uses a GPU where there is one. */
  gpu?: "auto" | false;
  /** Ends the loading. */
  signal?: AbortSignal;
}

/** A loaded model. Contexts (sequences, batches) are made from it and can be made anew with another size. */
export interface LlamaBackend extends Tokenizer {
  readonly gpu: string | false;
  readonly trainContextTokens: number;
  readonly chatTemplate: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  /** Tokens of text in which special tokens (`<|im_end|>`) count as such: for the chat template's own text only. */
  tokenizeTemplate(text: string): number[];
  /** Token that must open every prompt, if any. */
  readonly bos: number | undefined;
  createSampler(): NativeSampler;
  createContext(shape: ContextShape): Promise<BackendContext>;
  close(): Promise<void>;
}

export interface ContextShape {
  sequences: number;
  /** Tokens a sequence can hold. */
  contextTokens: number;
  batchTokens: number;
  threads: number;
}

export interface BackendContext extends ContextShape {
  readonly native: NativeContext;
  close(): Promise<void>;
}

/** Cores that are worth a thread each; never more than the machine has. */
export function mathCores(): number {
  return Math.max(1, cpus().length);
}

/** Loads a GGUF model. Errors name the file and what to do. */
export async function openLlamaBackend(options: LlamaBackendOptions): Promise<LlamaBackend> {
  const llama = await llamaInstance(options.gpu ?? "auto");
  const { modelPath, signal } = options;
  const model = await llama.loadModel({ modelPath, loadSignal: signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new CermError(
      "model-unreadable",
      `${modelPath}: not a model llama.cpp can load (${(cause as Error).message}). Expected a GGUF file; pull it again with \`cerm models pull\`.`,
      { cause },
    );
  });
  try {
    signal?.throwIfAborted();
    await tryAdapters(model, options);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return wrapModel(model, llama.gpu, options);
}

/** llama.cpp loads adapters with a context: a small one for each tells whether it fits the model (else `InputError`). */
async function tryAdapters(model: LlamaModel, { modelPath, lora = [] }: LlamaBackendOptions): Promise<void> {
  for (const { path } of lora) {
    try {
      const context = await model.createContext({ contextSize: 64, batchSize: 64, lora: path });
      await context.dispose();
    } catch (cause) {
      const message = `does not fit the model ${modelPath} (${(cause as Error).message}); use an adapter that was trained on it`;
      throw Object.assign(new InputError(message, { file: path, field: "lora" }), { cause });
    }
  }
}

function wrapModel(model: LlamaModel, gpu: string | false, options: LlamaBackendOptions): LlamaBackend {
  type Tokens = ReturnType<LlamaModel["tokenize"]>;
  const metadata = model.fileInfo.metadata as {
    tokenizer?: { chat_template?: string; ggml?: { model?: string; add_space_prefix?: boolean } };
  };
  const ggml = metadata.tokenizer?.ggml;
  // Such vocabularies put a space before every text; text here continues another one, so the space would be in between.
  const joined = ggml?.model === "llama" && ggml.add_space_prefix !== false ? "trimLeadingSpace" : undefined;
  return {
    gpu,
    trainContextTokens: model.trainContextSize,
    chatTemplate: metadata.tokenizer?.chat_template,
    bosToken: model.tokens.bosString ?? undefined,
    eosToken: model.tokens.eosString ?? undefined,
    bos: model.tokens.shouldPrependBosToken ? (model.tokens.bos ?? undefined) : undefined,
    tokenize: (text) => model.tokenize(text, false, joined) as number[],
    tokenizeTemplate: (text) => model.tokenize(text, true) as number[],
    detokenize: (tokens, preceding) => model.detokenize(tokens as Tokens, false, preceding as Tokens | undefined),
    isEndOfGeneration: (token) => model.isEogToken(token as Tokens[number]),
    createSampler: () => createSampler(model),
    createContext: (shape) => createContext(model, shape, options),
    close: () => model.dispose(),
  };
}

async function createContext(
  model: LlamaModel,
  shape: ContextShape,
  options: LlamaBackendOptions,
): Promise<BackendContext> {
  const sequences = await affordableSequences(model, shape);
  const context: LlamaContext = await model.createContext({
    sequences,
    contextSize: shape.contextTokens,
    batchSize: shape.batchTokens,
    threads: shape.threads,
    swaFullCache: true,
    lora:
      options.lora === undefined || options.lora.length === 0
        ? undefined
        : { adapters: options.lora.map(({ path, scale }) => ({ filePath: path, scale })) },
  });
  const native = bindContext(context);
  native.setThreads(shape.threads);
  return {
    ...shape,
    sequences,
    contextTokens: context.contextSize,
    batchTokens: context.batchSize,
    native,
    close: () => context.dispose(),
  };
}

/** As many sequences as asked for, fewer where their caches would not fit half of the free memory. */
async function affordableSequences(model: LlamaModel, shape: ContextShape): Promise<number> {
  const one = await model.fileInsights.estimateContextResourceRequirementsV2({
    contextSize: shape.contextTokens,
    modelGpuLayers: model.gpuLayers,
    batchSize: shape.batchTokens,
    sequences: 1,
  });
  const memory = one.cpuRam > one.gpuVram ? freemem() : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(shape.sequences, Math.floor(memory / 2 / Math.max(1, one.cpuRam))));
}
