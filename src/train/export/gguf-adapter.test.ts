import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { readGgufInfo } from "../../engines/models/gguf-info.ts";
import type { BaseShape } from "./base-shape.ts";
import { writeGgufAdapter } from "./gguf-adapter.ts";
import { openAdapter } from "./read-adapter.ts";
import { factors, type GivenTensor, putAdapter } from "./test-helpers.ts";

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
});

const llama: BaseShape = { architecture: "llama", heads: 2, keyValueHeads: 1 };
const a: GivenTensor = { shape: [2, 1], values: [1, 2] };
const eight: GivenTensor = { shape: [8, 2], values: Array.from({ length: 16 }, (_, index) => index) };

async function convert(tensors: Record<string, GivenTensor>, base = llama, config = {}): Promise<string> {
  const adapter = await openAdapter(await putAdapter(join(folder, "peft"), tensors, config));
  const path = join(folder, "adapter.gguf");
  await writeGgufAdapter(adapter, base, path, { type: "F32" }).finally(() => adapter.close());
  return path;
}

/** The last tensor's values: the data ends with it and at most 31 bytes of padding. */
async function lastValues(path: string, count: number): Promise<number[]> {
  const bytes = await readFile(path);
  const padded = Math.ceil((4 * count) / 32) * 32;
  return Array.from({ length: count }, (_, index) => bytes.readFloatLE(bytes.length - padded + 4 * index));
}

describe("a GGUF adapter", () => {
  it("says what it is, and names tensors as llama.cpp does", async () => {
    const path = await convert({
      ...factors("model.layers.3.mlp.down_proj", a, eight),
      ...factors("model.layers.12.self_attn.o_proj", a, eight),
    });
    expect(await readGgufInfo(path)).toMatchObject({ architecture: "llama", type: "adapter", parameterCount: 36 });
    const text = (await readFile(path)).toString("latin1");
    for (const name of ["blk.3.ffn_down", "blk.12.attn_output"])
      for (const factor of ["lora_a", "lora_b"]) expect(text).toContain(`${name}.weight.${factor}`);
    const key = "adapter.lora.alpha";
    expect((await readFile(path)).readFloatLE(text.indexOf(key) + key.length + 4)).toBe(4);
  });

  it("has the scale of a rank-stabilised one in its alpha", async () => {
    const path = await convert(factors("model.layers.0.mlp.up_proj", a, eight), llama, { use_rslora: true });
    const bytes = await readFile(path);
    const key = "adapter.lora.alpha";
    expect(bytes.readFloatLE(bytes.indexOf(key) + key.length + 4)).toBeCloseTo((4 / Math.SQRT2) * 2, 6);
  });

  const pairsOfRows = (...rows: number[]) => rows.flatMap((row) => [2 * row, 2 * row + 1]);
  it.each<[string, BaseShape, number[]]>([
    ["q_proj", llama, pairsOfRows(0, 2, 1, 3, 4, 6, 5, 7)],
    ["k_proj", llama, pairsOfRows(0, 4, 1, 5, 2, 6, 3, 7)],
    ["v_proj", llama, eight.values],
    ["q_proj", { ...llama, architecture: "qwen3" }, eight.values],
  ])("has the rows of %s in llama.cpp's order: %o", async (name, base, values) => {
    const path = await convert(factors(`model.layers.0.self_attn.${name}`, a, eight), base);
    expect(await lastValues(path, 16)).toEqual(values);
  });

  it("is not made of what llama.cpp cannot take", async () => {
    await expect(convert(factors("model.embed_tokens", a, eight))).rejects.toThrow(
      "changes model.embed_tokens; a GGUF",
    );
    const odd: GivenTensor = { shape: [6, 2], values: eight.values.slice(0, 12) };
    await expect(convert(factors("model.layers.0.self_attn.q_proj", a, odd))).rejects.toThrow("2 heads do not divide");
  });
});
