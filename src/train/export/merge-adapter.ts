import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { decodeNumbers, encodeNumbers, type NumberType, numberBytes } from "./number-types.ts";
import type { Adapter, LoraPair } from "./read-adapter.ts";
import { openSafetensors, type SafetensorsFile, type TensorInfo } from "./safetensors-file.ts";
import { writeSafetensors } from "./write-safetensors.ts";

/** Files of a base folder that hold weights in another form; the merged model is not what they say. */
const otherWeights = /\.(bin|pt|pth|gguf|h5|msgpack|onnx|part)$/;

export interface MergeOptions {
  signal?: AbortSignal;
  /** Called with the number of tensors written, of how many. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Writes the base model with the adapter's changes added, in the base's number types and under its file names, tensor by
 * tensor; its other files are copied. Products and sums are computed in float32 or better. Throws an `InputError` where the adapter
 * does not fit the base.
 */
export async function mergeAdapter(
  adapter: Adapter,
  baseFolder: string,
  out: string,
  options: MergeOptions = {},
): Promise<void> {
  const names = await readdir(baseFolder).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`cannot be read as a folder (${error.code}); name the base model's folder with --base`, {
      file: baseFolder,
    });
  });
  const shards: SafetensorsFile[] = [];
  try {
    for (const name of names.filter((name) => name.endsWith(".safetensors")).sort())
      shards.push(await openSafetensors(join(baseFolder, name)));
    checkFit(adapter, shards, baseFolder);
    await mkdir(out, { recursive: true });
    const total = shards.reduce((sum, shard) => sum + shard.tensors.size, 0);
    let done = 0;
    for (const shard of shards) {
      const tensors = [...shard.tensors.values()].map((tensor) => ({
        ...tensor,
        data: async () => {
          const data = await mergedData(tensor, shard, adapter);
          options.onProgress?.(++done, total);
          return data;
        },
      }));
      await writeSafetensors(join(out, fileName(shard)), tensors, shard.metadata, options.signal);
    }
  } finally {
    for (const shard of shards) await shard.close();
  }
  for (const entry of await readdir(baseFolder, { withFileTypes: true }))
    if (entry.isFile() && !entry.name.endsWith(".safetensors") && !otherWeights.test(entry.name))
      await copyFile(join(baseFolder, entry.name), join(out, entry.name));
}

function fileName(shard: SafetensorsFile): string {
  return shard.path.split(/[\\/]/).at(-1)!;
}

function checkFit(adapter: Adapter, shards: readonly SafetensorsFile[], folder: string): void {
  const tensors = new Map(shards.flatMap((shard) => [...shard.tensors]));
  for (const pair of adapter.pairs.values()) {
    const weight = tensors.get(`${pair.module}.weight`);
    const expected = [pair.b.shape[0], pair.a.shape[1]];
    if (weight === undefined)
      throw new InputError(
        `holds no ${pair.module}.weight, which the adapter changes; name its base model with --base`,
        {
          file: folder,
        },
      );
    if (!(weight.type in numberBytes))
      throw new InputError(
        `${weight.name} is ${weight.type}; only ${Object.keys(numberBytes).join(", ")} can be merged`,
        {
          file: folder,
        },
      );
    if (weight.shape.length !== 2 || weight.shape.some((length, axis) => length !== expected[axis]))
      throw new InputError(
        `${weight.name} is ${weight.shape.join(" x ")} and the adapter's change ${expected.join(" x ")}; name its base model with --base`,
        { file: folder },
      );
  }
}

async function mergedData(tensor: TensorInfo, shard: SafetensorsFile, adapter: Adapter): Promise<Buffer> {
  const data = await shard.read(tensor.name);
  const pair = adapter.pairs.get(tensor.name.replace(/\.weight$/, ""));
  if (pair === undefined) return data;
  const type = tensor.type as NumberType;
  const values = decodeNumbers(data, type);
  await addProduct(values, pair, adapter);
  return encodeNumbers(values, type);
}

/** values += scale * b a, row by row, each row's sum in double precision. */
async function addProduct(values: Float32Array, pair: LoraPair, adapter: Adapter): Promise<void> {
  const [a, b] = [await adapter.read(pair.a), await adapter.read(pair.b)];
  const [rows, rank, columns] = [pair.b.shape[0]!, adapter.rank, pair.a.shape[1]!];
  const change = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    change.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = adapter.scale * b[row * rank + k]!;
      for (let column = 0; column < columns; column++) change[column]! += factor * a[k * columns + column]!;
    }
    for (let column = 0; column < columns; column++) values[row * columns + column]! += change[column]!;
  }
}
