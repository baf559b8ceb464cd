import { appendFile, copyFile, mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { modelIdentity, modelTitle } from "./model-identity.ts";

let folder = "";
let path = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-identity-"));
  path = join(folder, "m.gguf");
  await writeFile(path, Buffer.alloc(3 << 20, 7));
  await writeFile(join(folder, "a.gguf"), "adapter a");
  await writeFile(join(folder, "b.gguf"), "adapter b");
});
afterAll(() => rm(folder, { recursive: true }));

async function changed(offset: number): Promise<string> {
  await mkdir(join(folder, "copy"), { recursive: true });
  const copy = join(folder, "copy", "m.gguf");
  await copyFile(path, copy);
  const file = await open(copy, "r+");
  await file.write(Buffer.from([9]), 0, 1, offset);
  await file.close();
  return modelIdentity(copy);
}

it("names file, size and content, wherever the file lies", async () => {
  const identity = await modelIdentity(path);
  expect(identity).toMatch(/^m\.gguf:3145728:[0-9a-f]{64}$/);
  expect(await changed(1)).not.toBe(identity);
  expect(await changed((3 << 20) - 1)).not.toBe(identity);
  // The middle is not read: that is what makes it fast.
  expect(await changed((3 << 20) / 2)).toBe(identity);
  const longer = join(folder, "copy", "m.gguf");
  await appendFile(longer, Buffer.from([7]));
  expect(await modelIdentity(longer)).not.toBe(identity);
});

it("names each adapter with its scale, in order", async () => {
  const [a, b] = ["a.gguf", "b.gguf"].map((name) => join(folder, name));
  const plain = await modelIdentity(path);
  const both = await modelIdentity(path, [
    { path: a!, scale: 1 },
    { path: b!, scale: 0.5 },
  ]);
  expect(both.startsWith(`${plain}+a.gguf:9:`)).toBe(true);
  expect(both.endsWith("@0.5")).toBe(true);
  const others = await Promise.all([
    modelIdentity(path, [
      { path: b!, scale: 0.5 },
      { path: a!, scale: 1 },
    ]),
    modelIdentity(path, [
      { path: a!, scale: 1 },
      { path: b!, scale: 0.25 },
    ]),
  ]);
  expect(new Set([plain, both, ...others]).size).toBe(4);
});

it("reads every shard", async () => {
  const shards = [1, 2].map((index) => join(folder, `s-0000${index}-of-00002.gguf`));
  for (const shard of shards) await writeFile(shard, "same");
  const before = await modelIdentity(shards[0]!);
  expect(before).toMatch(/^s-00001-of-00002\.gguf:8:/);
  await writeFile(shards[1]!, "sama");
  expect(await modelIdentity(shards[0]!)).not.toBe(before);
  await rm(shards[1]!);
  await expect(modelIdentity(shards[0]!)).rejects.toMatchObject({ code: "ENOENT" });
});

it("a model's title leaves out what only identifies its file", () => {
  expect(modelTitle(`a.gguf:123:${"0f".repeat(32)}+l.gguf:9:${"00".repeat(32)}@0.5`)).toBe("a.gguf+l.gguf@0.5");
  expect(modelTitle("org/name")).toBe("org/name");
});
