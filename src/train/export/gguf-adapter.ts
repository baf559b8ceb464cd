import { InputError } from "../../core/errors.ts";
import type { BaseShape } from "./base-shape.ts";
import { encodeNumbers, numberBytes } from "./number-types.ts";
import type { Adapter, LoraPair } from "./read-adapter.ts";
import { interleaveRotaryRows } from "./rotary-order.ts";
import { type GgufTensor, type GgufValue, writeGguf } from "./write-gguf.ts";

/** llama.cpp's names of the layers that Hugging Face gives these. */
const layerNames: Record<string, string> = {
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

/** llama.cpp's name of a linear layer's weight; `undefined` for a layer of another kind. */
export function ggufWeightName(module: string): string | undefined {
  const match = /^model\.layers\.(\d+)\.(.+)$/.exec(module);
  const name = match === null ? undefined : layerNames[match[2]!];
  return name === undefined ? undefined : `blk.${match![1]}.${name}.weight`;
}

/** Heads whose rows llama.cpp has in another order than Hugging Face: of queries and keys of the llama family. */
export function rotaryHeads(module: string, base: BaseShape): number | undefined {
  if (base.architecture !== "llama") return undefined;
  if (module.endsWith("self_attn.q_proj")) return base.heads;
  return module.endsWith("self_attn.k_proj") ? base.keyValueHeads : undefined;
}

/** Writes an adapter as llama.cpp loads it (`--lora`), for the llama and qwen3 families. Throws an `InputError`. */
export async function writeGgufAdapter(
  adapter: Adapter,
  base: BaseShape,
  path: string,
  options: { type?: "F16" | "F32"; signal?: AbortSignal } = {},
): Promise<void> {
  const { type = "F16" } = options;
  const tensors = [...adapter.pairs.values()].flatMap((pair) => tensorsOf(pair, adapter, base, type));
  const metadata: Record<string, GgufValue> = {
    "general.architecture": { string: base.architecture },
    "general.type": { string: "adapter" },
    "general.file_type": { uint32: type === "F32" ? 0 : 1 },
    "adapter.type": { string: "lora" },
    // llama.cpp divides it by the rank.
    "adapter.lora.alpha": { float32: adapter.scale * adapter.rank },
  };
  await writeGguf(path, metadata, tensors, options.signal);
}

function tensorsOf(pair: LoraPair, adapter: Adapter, base: BaseShape, type: "F16" | "F32"): GgufTensor[] {
  const name = ggufWeightName(pair.module);
  if (name === undefined)
    throw new InputError(
      `the adapter changes ${pair.module}; a GGUF adapter can change ${Object.keys(layerNames).join(", ")} alone. Use --format merged`,
      { file: adapter.folder },
    );
  const heads = rotaryHeads(pair.module, base);
  if (heads !== undefined && pair.b.shape[0]! % (2 * heads) !== 0)
    throw new InputError(
      `${pair.module} has ${pair.b.shape[0]} rows, which ${heads} heads do not divide: the base model is another than the adapter's`,
      { file: adapter.folder },
    );
  return (["a", "b"] as const).map((factor) => {
    const { shape } = pair[factor];
    const data = async () => {
      const values = await adapter.read(pair[factor]);
      const moved = factor === "b" && heads !== undefined;
      return encodeNumbers(moved ? interleaveRotaryRows(values, heads, shape[1]!) : values, type);
    };
    return { name: `${name}.lora_${factor}`, type, shape, bytes: shape[0]! * shape[1]! * numberBytes[type], data };
  });
}
