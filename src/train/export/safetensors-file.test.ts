import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../core/errors.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { decodeNumbers, type NumberType } from "./number-types.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { putTensors } from "./test-helpers.ts";

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
});

describe("safetensors files", () => {
  it("come back as they were written", async () => {
    const path = join(folder, "some.safetensors");
    const tensor = fc
      .record({ rows: fc.nat(3), columns: fc.nat(3), type: fc.constantFrom<NumberType>("F32", "F16", "BF16") })
      .chain(({ rows, columns, type }) =>
        fc
          .array(fc.integer({ min: -100, max: 100 }), { minLength: rows * columns, maxLength: rows * columns })
          .map((values) => ({ shape: [rows, columns], values, type })),
      );
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__metadata__" && text !== "__proto__");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, tensor, { noNullPrototype: true }), async (tensors) => {
        await putTensors(path, tensors);
        const file = await openSafetensors(path);
        expect(file.metadata).toEqual({ format: "pt" });
        expect([...file.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, { shape, values, type }] of Object.entries(tensors)) {
          expect(file.tensors.get(name)).toMatchObject({ name, shape, type });
          expect([...decodeNumbers(await file.read(name), type)]).toEqual(values.map((value) => value + 0));
        }
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  it("have the layout that other readers expect", async () => {
    const path = join(folder, "layout.safetensors");
    await putTensors(path, { w: { shape: [1, 2], values: [1, 2], type: "F32" } });
    const bytes = await readFile(path);
    const headerBytes = Number(bytes.readBigUInt64LE());
    expect((8 + headerBytes) % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + headerBytes).toString())).toEqual({
      __metadata__: { format: "pt" },
      w: { dtype: "F32", shape: [1, 2], data_offsets: [0, 8] },
    });
    expect(bytes.subarray(8 + headerBytes).toString("hex")).toBe("0000803f00000040");
  });

  it.each<[string, (bytes: Buffer) => Buffer, string]>([
    ["a text", () => Buffer.from("<html>not found</html>"), "the length of its header makes no sense"],
    ["an empty file", () => Buffer.alloc(0), "the length of its header makes no sense"],
    [
      "a file that was cut off",
      (bytes) => bytes.subarray(0, -1),
      "the tensor w ends at byte 8 of 7: the file is cut off",
    ],
    [
      "a damaged header",
      (bytes) => Buffer.from(bytes.toString("latin1").replace("dtype", "dtipe"), "latin1"),
      "w.dtype",
    ],
    [
      "another length than its shape has",
      (bytes) => Buffer.from(bytes.toString("latin1").replace("[1,2]", "[1,3]"), "latin1"),
      "the tensor w has 8 bytes, which is not 1 x 3 of F32",
    ],
  ])("are refused: %s", async (_what, damage, message) => {
    const path = join(folder, "bad.safetensors");
    await putTensors(path, { w: { shape: [1, 2], values: [1, 2] } });
    await writeFile(path, damage(await readFile(path)));
    const opened = openSafetensors(path);
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toBeInstanceOf(InputError);
  });
});
