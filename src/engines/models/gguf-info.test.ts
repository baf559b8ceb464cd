import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { readGgufInfo } from "./gguf-info.ts";
import { ModelError } from "./model-error.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-info-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(bytes: Buffer): Promise<string> {
  const path = join(folder, "model.gguf");
  await writeFile(path, bytes);
  return path;
}

describe("readGgufInfo", () => {
  it("reads what comes before and after a vocabulary larger than the window", async () => {
    const bytes = fakeGguf({
      architecture: "qwen3",
      name: "Q",
      license: "mit",
      contextLength: 262_144,
      parameters: 4e9,
      vocabulary: 120_000,
    });
    expect(bytes.length).toBeGreaterThan(2 << 20);
    expect(await readGgufInfo(await put(bytes))).toEqual({
      ...{ version: 3, architecture: "qwen3", type: undefined, name: "Q", license: "mit" },
      ...{ contextLength: 262_144, parameterCount: 4e9, chatTemplate: true, bytes: bytes.length },
    });
  });

  it.each([
    ["a text", Buffer.from("<html>Not found, but long enough</html>"), "not a GGUF file"],
    ["an empty file", Buffer.alloc(0), "not a GGUF file"],
    ["an old version", fakeGguf({ version: 1 }), "GGUF version 1, expected 2 or 3"],
    ["a big-endian file", fakeGguf({ version: 0x03000000 }), "expected 2 or 3 (little-endian)"],
    ["a header without weights", fakeGguf({ dataBytes: 20 }), "its tensors reach beyond its end"],
  ])("refuses %s", async (_what, bytes, message) => {
    await expect(readGgufInfo(await put(bytes))).rejects.toThrow(message);
  });

  it("says that a file is missing, or no file", async () => {
    await expect(readGgufInfo(join(folder, "none.gguf"))).rejects.toMatchObject({ code: "model-not-found" });
    await expect(readGgufInfo(folder)).rejects.toThrow("not a file");
  });

  it("refuses a header cut anywhere, and bytes changed anywhere never hang or crash it", async () => {
    const whole = fakeGguf({ dataBytes: 33 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 34), async (length) => {
        await expect(readGgufInfo(await put(whole.subarray(0, length)))).rejects.toBeInstanceOf(ModelError);
      }),
      { numRuns: 60 },
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 34), fc.nat(255), async (place, value) => {
        const bytes = Buffer.from(whole);
        bytes[place] = value;
        const outcome = await readGgufInfo(await put(bytes)).catch((error: unknown) => error);
        expect(
          outcome instanceof ModelError || typeof (outcome as { architecture?: unknown }).architecture === "string",
        ).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
