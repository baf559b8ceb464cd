import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeNumbers, type NumberType } from "./number-types.ts";
import { writeSafetensors } from "./write-safetensors.ts";

/** A tensor given by its numbers. */
export interface GivenTensor {
  shape: number[];
  values: number[];
  /** Default F32. */
  type?: NumberType;
}

/** Writes tensors as a safetensors file. */
export async function putTensors(path: string, tensors: Record<string, GivenTensor>): Promise<void> {
  const entries = Object.entries(tensors).map(([name, { shape, values, type = "F32" }]) => {
    const data = encodeNumbers(Float32Array.from(values), type);
    return { name, type, shape, bytes: data.length, data: async () => data };
  });
  await writeSafetensors(path, entries, { format: "pt" });
}

/** Writes a PEFT adapter folder. `config` goes over rank 2 and alpha 4. */
export async function putAdapter(
  folder: string,
  tensors: Record<string, GivenTensor>,
  config: Record<string, unknown> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const written = {
    peft_type: "LORA",
    r: 2,
    lora_alpha: 4,
    base_model_name_or_path: "some/base",
    bias: "none",
    ...config,
  };
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify(written));
  await putTensors(join(folder, "adapter_model.safetensors"), tensors);
  return folder;
}

/** The factors of one module under PEFT's names. */
export function factors(module: string, a: GivenTensor, b: GivenTensor): Record<string, GivenTensor> {
  const name = (factor: string) => `base_model.model.${module}.lora_${factor}.weight`;
  return { [name("A")]: a, [name("B")]: b };
}
