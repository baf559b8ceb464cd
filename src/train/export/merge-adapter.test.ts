import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { mergeAdapter } from "./merge-adapter.ts";
import { decodeNumbers, type NumberType } from "./number-types.ts";
import { openAdapter } from "./read-adapter.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { factors, type GivenTensor, putAdapter, putTensors } from "./test-helpers.ts";

let folder = "";
let base = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  base = join(folder, "base");
  await mkdir(base);
});

const module = "model.layers.0.mlp.up_proj";
// b a = [[1 + 4, 2 + 5, 3 + 6], [0, 0, 0]], times alpha / rank = 2.
const a: GivenTensor = { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] };
const b: GivenTensor = { shape: [2, 2], values: [1, 1, 0, 0] };

async function merge(tensors: Record<string, GivenTensor>): Promise<string> {
  const adapter = await openAdapter(await putAdapter(join(folder, "peft"), tensors));
  const out = join(folder, "merged");
  await mergeAdapter(adapter, base, out).finally(() => adapter.close());
  return out;
}

async function values(path: string, name: string): Promise<number[]> {
  const file = await openSafetensors(path);
  try {
    return [...decodeNumbers(await file.read(name), file.tensors.get(name)!.type as NumberType)];
  } finally {
    await file.close();
  }
}

describe("merging", () => {
  it("adds scale b a in the base's number type, shard by shard, and copies the rest", async () => {
    const weight: GivenTensor = { shape: [2, 3], values: [0.5, 0, 256, 7, 8, 9], type: "BF16" };
    await putTensors(join(base, "model-00001-of-00002.safetensors"), { [`${module}.weight`]: weight });
    await putTensors(join(base, "model-00002-of-00002.safetensors"), {
      "model.norm.weight": { shape: [2], values: [3, 4] },
    });
    const copied = { "config.json": "{}", "model.safetensors.index.json": '{"weight_map":{}}', "tokenizer.json": "[]" };
    for (const [name, text] of Object.entries(copied)) await writeFile(join(base, name), text);
    await writeFile(join(base, "model.gguf"), "other weights");
    const out = await merge(factors(module, a, b));
    // 10.5 and 14 are exact; 256 + 18 = 274 is, too.
    expect(await values(join(out, "model-00001-of-00002.safetensors"), `${module}.weight`)).toEqual([
      10.5, 14, 274, 7, 8, 9,
    ]);
    expect(await values(join(out, "model-00002-of-00002.safetensors"), "model.norm.weight")).toEqual([3, 4]);
    expect((await readdir(out)).sort()).toEqual(
      [...Object.keys(copied), "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"].sort(),
    );
    expect(await readFile(join(out, "model.safetensors.index.json"), "utf8")).toBe('{"weight_map":{}}');
  });

  it("refuses a base that the adapter was not trained on, and writes nothing", async () => {
    await putTensors(join(base, "model.safetensors"), {
      [`${module}.weight`]: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
    });
    await expect(merge(factors(module, a, b))).rejects.toThrow("is 3 x 2 and the adapter's change 2 x 3");
    await expect(merge(factors("model.layers.9.mlp.up_proj", a, b))).rejects.toThrow(
      "holds no model.layers.9.mlp.up_proj.weight",
    );
    await expect(readdir(join(folder, "merged"))).rejects.toThrow("ENOENT");
  });
});
