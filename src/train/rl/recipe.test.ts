import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseRlRecipe, readRlRecipe } from "./recipe.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-recipe-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, "rl.yaml");
  await writeFile(file, text);
  return await readRlRecipe(file);
}

test("settings and surroundings are told apart, and paths are taken from the recipe's folder", async () => {
  const recipe = await read(
    "data: train.jsonl\nheldOut: [a.jsonl, /b.jsonl]\nmodel: ./model\npack: compact\nkl: 0\nloss: cispo\n",
  );
  expect(recipe.settings).toEqual({ kl: 0, loss: "cispo" });
  expect(recipe.surroundings).toEqual({
    data: [join(directory, "train.jsonl")],
    heldOut: [join(directory, "a.jsonl"), "/b.jsonl"],
    model: join(directory, "model"),
    pack: "compact",
  });
});

test("an unknown name and a bad value say where and what was meant", async () => {
  await expect(read("criteriaSample: 3\n")).rejects.toThrow(
    /rl\.yaml, criteriaSample: is no setting; did you mean criteriaSamples\?/,
  );
  await expect(read("loss: grpo\n")).rejects.toThrow(/rl\.yaml, loss: .*\(got "grpo"\)/);
  await expect(read("loss: [\n")).rejects.toThrow(/rl\.yaml, line \d/);
  expect(() => parseRlRecipe({ instances: 0 })).toThrow("instances: Too small: expected number to be >=1 (got 0)");
});
