import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { decodeNumbers, type NumberType, numberBytes } from "./number-types.ts";
import { openSafetensors, type SafetensorsFile, type TensorInfo } from "./safetensors-file.ts";

/** Names of the files of a PEFT adapter folder. */
export const adapterFiles = { config: "adapter_config.json", weights: "adapter_model.safetensors" } as const;

const configSchema = z.looseObject({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  base_model_name_or_path: z.string().nullish(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.literal(false).nullish(),
  bias: z.literal("none").nullish(),
  fan_in_fan_out: z.literal(false).nullish(),
  rank_pattern: z.record(z.string(), z.never()).nullish(),
  alpha_pattern: z.record(z.string(), z.never()).nullish(),
});

/** The two factors of one layer's change: `scale` times b times a, where a is [rank, in] and b is [out, rank]. */
export interface LoraPair {
  /** The base model's weight without `.weight`, such as `model.layers.0.self_attn.q_proj`. */
  module: string;
  a: TensorInfo;
  b: TensorInfo;
}

/** A LoRA adapter in PEFT's format. Close it when done. */
export interface Adapter {
  folder: string;
  rank: number;
  alpha: number;
  /** What a product of factors is multiplied by: alpha / rank, or alpha / sqrt(rank) where it is rank-stabilised. */
  scale: number;
  /** The base model as the trainer named it: an id of a hub, or a path. */
  baseModel: string | undefined;
  /** By module. */
  pairs: ReadonlyMap<string, LoraPair>;
  /** A factor as float32, row by row. */
  read(tensor: TensorInfo): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Opens the PEFT adapter in `folder`. Throws an `InputError` for what is none, or has parts beside LoRA's two factors. */
export async function openAdapter(folder: string): Promise<Adapter> {
  const config = await readConfig(join(folder, adapterFiles.config));
  const weights = await openSafetensors(join(folder, adapterFiles.weights));
  try {
    const { r, lora_alpha: alpha, use_rslora: stabilised } = config;
    return {
      ...{ folder, rank: r, alpha, scale: alpha / (stabilised ? Math.sqrt(r) : r) },
      baseModel: config.base_model_name_or_path ?? undefined,
      pairs: pairsOf(weights, r),
      read: async ({ name, type }) => decodeNumbers(await weights.read(name), type as NumberType),
      close: () => weights.close(),
    };
  } catch (error) {
    await weights.close();
    throw error;
  }
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(error.code === "ENOENT" ? "no such file" : `cannot be read: ${error.message}`, { file });
  });
  try {
    return configSchema.parse(JSON.parse(text));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InputError(`is no configuration of a plain LoRA adapter: ${problem}`, { file });
  }
}

function pairsOf(weights: SafetensorsFile, rank: number): Map<string, LoraPair> {
  const found = new Map<string, Partial<LoraPair> & { module: string }>();
  for (const tensor of weights.tensors.values()) {
    const match = /^(?:base_model\.model\.)?(.+)\.lora_([AB])(?:\.default)?\.weight$/.exec(tensor.name);
    if (match === null || tensor.shape.length !== 2 || !(tensor.type in numberBytes))
      throw new InputError(
        `the tensor ${tensor.name} (${tensor.type}, ${tensor.shape.join(" x ")}) is no factor of a LoRA adapter; only lora_A and lora_B of linear layers can be exported`,
        { file: weights.path },
      );
    const [, module, factor] = match as unknown as [string, string, "A" | "B"];
    const pair = found.get(module) ?? { module };
    found.set(module, { ...pair, [factor === "A" ? "a" : "b"]: tensor });
  }
  for (const { module, a, b } of found.values())
    if (a?.shape[0] !== rank || b?.shape[1] !== rank)
      throw new InputError(
        `${module}: lora_A is ${a?.shape.join(" x ") ?? "missing"} and lora_B ${b?.shape.join(" x ") ?? "missing"}, expected ${rank} x in and out x ${rank}`,
        { file: weights.path },
      );
  if (found.size === 0) throw new InputError("holds no LoRA factors", { file: weights.path });
  return found as Map<string, LoraPair>;
}
