import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chooseGguf } from "./choose-gguf.ts";
import { ModelError } from "./model-error.ts";

const repo = [
  "README.md",
  "mmproj-F16.gguf",
  "imatrix_unsloth.gguf",
  "M-BF16.gguf",
  "M-IQ4_XS.gguf",
  "M-Q2_K.gguf",
  "M-Q4_0.gguf",
  "M-Q4_K_S.gguf",
  "M-Q8_0.gguf",
  "M-UD-Q4_K_XL.gguf",
];
const split = [1, 2].map((index) => `Q4_K_M/M-Q4_K_M-0000${index}-of-00002.gguf`);
const choose = (files: string[], wanted?: string) => chooseGguf(files, wanted, "hf:o/r");

describe("chooseGguf", () => {
  it.each([
    [[...repo, "M-Q4_K_M.gguf"], ["M-Q4_K_M.gguf"]],
    [[...repo, "m-q4_k_m.gguf"], ["m-q4_k_m.gguf"]],
    [[...repo, ...split], split],
    [[...split, "M.Q4_K_M.gguf"], ["M.Q4_K_M.gguf"]],
    [repo, ["M-Q4_K_S.gguf"]],
    [["mmproj-F16.gguf", "M-Q8_0.gguf", "M-F16.gguf"], ["M-Q8_0.gguf"]],
    [["ggml-model.gguf", "README.md"], ["ggml-model.gguf"]],
    [["M-Q4_0_4_4.gguf", "M-Q2_K.gguf"], ["M-Q2_K.gguf"]],
  ])("of %j takes %j", (files, chosen) => {
    expect(choose(files)).toEqual(chosen);
  });

  it("takes a named file by path, by its own name, or by another shard's name", () => {
    expect(choose([...repo, ...split], "M-Q2_K.gguf")).toEqual(["M-Q2_K.gguf"]);
    expect(choose([...repo, ...split], split[1]!)).toEqual(split);
    expect(choose([...repo, ...split], "M-Q4_K_M-00001-of-00002.gguf")).toEqual(split);
    expect(choose(repo, "mmproj-F16.gguf")).toEqual(["mmproj-F16.gguf"]);
  });

  it.each([
    [["README.md", "model.safetensors"], undefined, "holds no GGUF model"],
    [["one.gguf", "two.gguf"], undefined, "none of a known quantisation. Name one: one.gguf, two.gguf"],
    [[split[0]!], undefined, `is split in 2 and lacks ${split[1]}`],
    [repo, "M-Q2_KK.gguf", "holds no file M-Q2_KK.gguf. It holds M-Q2_K.gguf"],
    [["README.md"], "x.gguf", "It holds no GGUF file"],
  ])("of %j, %s: %s", (files, wanted, message) => {
    expect(() => choose(files, wanted)).toThrow(ModelError);
    expect(() => choose(files, wanted)).toThrow(message);
  });

  it("takes the same whatever the order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...repo, ...split], { minLength: repo.length + 2 }), (files) => {
        expect(choose(files)).toEqual(split);
      }),
    );
  });
});
