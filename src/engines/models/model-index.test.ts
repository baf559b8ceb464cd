import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { findModel, inspectModels, listModels, removeModel, requireModel, saveRecord } from "./model-index.ts";
import { withLock } from "./model-lock.ts";
import { pullModel } from "./pull-model.ts";
import type { PullProgress } from "./pull-options.ts";
import type { ModelRecord } from "./pulled-model.ts";
import { removePartial } from "./remove-partial.ts";

let folder = "";
let directory = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "model-index-"));
  directory = join(folder, "models");
  await mkdir(directory);
});
afterEach(() => rm(folder, { recursive: true }));

async function record(name: string, bytes = 5): Promise<ModelRecord> {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, "m.gguf"), "x".repeat(bytes));
  const files = [{ path: `${name}/m.gguf`, bytes, sha256: "0".repeat(64) }];
  return {
    name,
    source: `hf:o/${name}/m.gguf@abcdef0`,
    files,
    pulledAt: "2026-01-01T00:00:00.000Z",
    architecture: "llama",
    parameterCount: 1e9,
  };
}

describe("the index of models", () => {
  it("lists what was saved, by name, and nothing where there is no directory", async () => {
    for (const name of ["b", "a"]) await saveRecord(await record(name), directory);
    expect((await listModels(directory)).map((model) => model.name)).toEqual(["a", "b"]);
    expect((await findModel("A", directory))?.path).toBe(join(directory, "a", "m.gguf"));
    expect(await findModel("c", directory)).toBeUndefined();
    expect(await listModels(join(folder, "none"))).toEqual([]);
  });

  it("keeps every one of many that are saved at once, and leaves no temporary file", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `m${String(index).padStart(2, "0")}`);
    await Promise.all(names.map(async (name) => saveRecord(await record(name), directory)));
    expect((await listModels(directory)).map((model) => model.name)).toEqual(names);
    expect((await readdir(directory)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("tells models whose record or file is damaged, and lists the others", async () => {
    for (const name of ["good", "gone", "short", "torn", "odd"]) await saveRecord(await record(name), directory);
    await rm(join(directory, "gone"), { recursive: true });
    await writeFile(join(directory, "short", "m.gguf"), "x");
    await writeFile(join(directory, "torn.json"), '{"name": "to');
    await writeFile(join(directory, "odd.json"), '{"name": "odd"}');
    const { models, problems } = await inspectModels(directory);
    expect(models.map((model) => model.name)).toEqual(["good"]);
    expect(Object.fromEntries(problems.map(({ name, problem }) => [name, problem]))).toEqual({
      gone: `its file ${join(directory, "gone", "m.gguf")} is gone`,
      short: `its file ${join(directory, "short", "m.gguf")} has 1 bytes, expected 5`,
      torn: `its record ${join(directory, "torn.json")} is damaged`,
      odd: `its record ${join(directory, "odd.json")} is damaged`,
    });
    await expect(requireModel("gone", directory)).rejects.toThrow("model gone in");
  });

  it("says what there is where a name is not known", async () => {
    await expect(requireModel("x", directory)).rejects.toThrow(
      "none is there yet. Pull one with cerm models pull SPEC",
    );
    for (const name of ["qwen-4b", "smol"]) await saveRecord(await record(name), directory);
    await expect(requireModel("qwen-4", directory)).rejects.toThrow("there are qwen-4b, smol. Did you mean qwen-4b?");
  });

  it("removes a model with its files, and no other", async () => {
    for (const name of ["a", "b"]) await saveRecord(await record(name), directory);
    expect(await removeModel("a", directory)).toBe(true);
    expect((await readdir(directory)).sort()).toEqual(["b", "b.json"]);
    expect(await removeModel("a", directory)).toBe(false);
    expect(await removeModel("../models/b", directory)).toBe(false);
    expect(await listModels(directory)).toHaveLength(1);
  });
});

describe("a local file", () => {
  const pull = (path: string, onProgress?: (progress: PullProgress) => void) =>
    pullModel({ kind: "file", path }, { directory, onProgress });

  it("is registered where it lies, and survives the removal of its record", async () => {
    const path = join(folder, "My Model.gguf");
    await writeFile(path, fakeGguf({ license: "mit" }));
    const steps: PullProgress[] = [];
    const model = await pull(path, (step) => steps.push(step));
    expect(model).toMatchObject({
      name: "My-Model",
      path,
      source: `file:${path}`,
      license: "mit",
      parameterCount: 4e9,
    });
    expect(steps.at(-1)).toMatchObject({ phase: "verify", doneBytes: model.bytes, totalBytes: model.bytes });
    expect(await readdir(directory)).toEqual(["My-Model.json"]);
    await removeModel("My-Model", directory);
    expect((await pull(path)).sha256).toBe(model.sha256);
  });

  it("keeps its own name beside another of the same name, and its name when registered again", async () => {
    for (const name of ["x", "y"]) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, "m.gguf"), fakeGguf({ name }));
    }
    const names = [];
    for (const name of ["x", "y", "x", "y"]) names.push((await pull(join(folder, name, "m.gguf"))).name);
    expect(names).toEqual(["m", "y--m", "m", "y--m"]);
  });

  it("is every shard of a split one", async () => {
    const paths = [1, 2].map((index) => join(folder, `s-0000${index}-of-00002.gguf`));
    await writeFile(paths[0]!, fakeGguf());
    await expect(pull(paths[0]!)).rejects.toThrow(`${paths[1]}: no such file`);
    await writeFile(paths[1]!, fakeGguf({ seed: 2 }));
    expect(await pull(paths[1]!)).toMatchObject({ name: "s", path: paths[0], parameterCount: 8e9 });
  });

  it.each([
    ["a text", Buffer.from("not a model, but long enough"), "not a GGUF file"],
    ["an adapter", fakeGguf({ type: "adapter" }), "GGUF of type adapter, expected a language model"],
    ["an image encoder", fakeGguf({ architecture: "clip" }), "GGUF of type mmproj"],
  ])("that is %s is refused", async (_what, bytes, message) => {
    const path = join(folder, "m.gguf");
    await writeFile(path, bytes);
    await expect(pull(path)).rejects.toThrow(message);
    expect(await readdir(directory)).toEqual([]);
  });
});

it("removePartial removes what unfinished pulls have left, and nothing of running ones", async () => {
  await saveRecord(await record("done"), directory);
  for (const name of ["left", "running"]) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, "m.gguf.part"), "x".repeat(1_000));
    await writeFile(join(directory, name, "m.gguf.part.json"), "{}");
  }
  await mkdir(join(directory, ".wheel-a"));
  await writeFile(join(directory, ".wheel-a", "a.whl"), "x".repeat(50));
  const freed = await withLock(join(directory, "running.lock"), {}, () => removePartial(directory));
  expect(freed).toBe(1_052);
  expect(await readdir(join(directory, "left"))).toEqual([]);
  expect(await readdir(join(directory, "running"))).toHaveLength(2);
  expect((await readdir(directory)).sort()).toEqual(["done", "done.json", "left", "running"]);
  expect(await listModels(directory)).toHaveLength(1);
  expect(await removePartial(join(folder, "none"))).toBe(0);
});
