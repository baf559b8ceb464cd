import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BaseShape } from "../src/train/export/base-shape.ts";
import { readBaseShape } from "../src/train/export/base-shape.ts";
import { ggufWeightName, rotaryHeads } from "../src/train/export/gguf-adapter.ts";
import { decodeNumbers, encodeNumbers } from "../src/train/export/number-types.ts";
import { interleaveRotaryRows } from "../src/train/export/rotary-order.ts";
import { openSafetensors, type SafetensorsFile, type TensorInfo } from "../src/train/export/safetensors-file.ts";
import { type GgufTensor, type GgufValue, writeGguf } from "../src/train/export/write-gguf.ts";

interface Config {
  [name: string]: unknown;
  rope_parameters: { rope_theta: number };
}

interface TokenizerFile {
  model: { vocab: Record<string, number>; merges: [string, string][] };
  added_tokens: { id: number; content: string }[];
}

/** Writes the tiny model of a folder as a GGUF file in float32, tokenizer and chat template included. */
export async function writeTinyGguf(folder: string, path: string): Promise<void> {
  const base = await readBaseShape(folder);
  const weights = await openSafetensors(join(folder, "model.safetensors"));
  try {
    const tensors = [...weights.tensors.values()].map((tensor) => toGguf(tensor, weights, base));
    await writeGguf(path, { ...(await shape(folder, base)), ...(await tokenizer(folder)) }, tensors);
  } finally {
    await weights.close();
  }
}

const otherNames: Record<string, string> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  input_layernorm: "attn_norm",
  post_attention_layernorm: "ffn_norm",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
};

function toGguf({ name, shape, type, bytes }: TensorInfo, weights: SafetensorsFile, base: BaseShape): GgufTensor {
  if (type !== "F32") throw new Error(`${name} is ${type}, expected F32`);
  const module = name.replace(/\.weight$/, "");
  const layer = /^model\.layers\.(\d+)\.(.+)$/.exec(module);
  const renamed = otherNames[name] ?? (layer && `blk.${layer[1]}.${otherNames[layer[2]!]}.weight`);
  const heads = rotaryHeads(module, base);
  const data = async () => {
    const bytes = await weights.read(name);
    if (heads === undefined) return bytes;
    return encodeNumbers(interleaveRotaryRows(decodeNumbers(bytes, "F32"), heads, shape[1]!), "F32");
  };
  return { name: ggufWeightName(module) ?? renamed!, type: "F32", shape, bytes, data };
}

async function shape(folder: string, { architecture, heads, keyValueHeads }: BaseShape) {
  const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as Config;
  const number = (name: string) => ({ uint32: config[name] as number });
  const named = {
    context_length: number("max_position_embeddings"),
    embedding_length: number("hidden_size"),
    block_count: number("num_hidden_layers"),
    feed_forward_length: number("intermediate_size"),
    vocab_size: number("vocab_size"),
    "attention.head_count": { uint32: heads },
    "attention.head_count_kv": { uint32: keyValueHeads },
    "attention.key_length": number("head_dim"),
    "attention.value_length": number("head_dim"),
    "attention.layer_norm_rms_epsilon": { float32: config.rms_norm_eps as number },
    "rope.dimension_count": number("head_dim"),
    "rope.freq_base": { float32: config.rope_parameters.rope_theta },
  };
  return {
    "general.architecture": { string: architecture },
    "general.type": { string: "model" },
    "general.name": { string: "tiny" },
    "general.file_type": { uint32: 0 },
    ...Object.fromEntries(Object.entries(named).map(([name, value]) => [`${architecture}.${name}`, value])),
  } satisfies Record<string, GgufValue>;
}

async function tokenizer(folder: string): Promise<Record<string, GgufValue>> {
  const { model, added_tokens: added } = JSON.parse(
    await readFile(join(folder, "tokenizer.json"), "utf8"),
  ) as TokenizerFile;
  const tokens = Object.entries(model.vocab).sort(([, a], [, b]) => a - b);
  const special = new Map(added.map(({ id, content }) => [content, id]));
  return {
    "tokenizer.ggml.model": { string: "gpt2" },
    "tokenizer.ggml.pre": { string: "gpt-2" },
    "tokenizer.ggml.tokens": { strings: tokens.map(([token]) => token) },
    // 3: control, 1: normal.
    "tokenizer.ggml.token_type": { int32s: tokens.map(([token]) => (special.has(token) ? 3 : 1)) },
    "tokenizer.ggml.merges": { strings: model.merges.map((pair) => pair.join(" ")) },
    "tokenizer.ggml.bos_token_id": { uint32: special.get("<|endoftext|>")! },
    "tokenizer.ggml.eos_token_id": { uint32: special.get("<|im_end|>")! },
    "tokenizer.ggml.padding_token_id": { uint32: special.get("<|endoftext|>")! },
    "tokenizer.ggml.add_bos_token": { bool: false },
    "tokenizer.chat_template": { string: await readFile(join(folder, "chat_template.jinja"), "utf8") },
  };
}
