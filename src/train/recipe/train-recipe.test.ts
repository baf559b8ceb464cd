import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rlRecipe } from "../rl/rl-recipe.ts";
import { sftRecipe } from "../sft/sft-settings.ts";
import { overRecipe, parseTrainRecipe, readTrainRecipe } from "./train-recipe.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-recipe-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, "sft.yaml");
  await writeFile(file, text);
  return await readTrainRecipe(file, sftRecipe);
}

test("settings and surroundings are told apart, and paths are taken from the recipe's folder", async () => {
  const recipe = await read(
    "data: train.jsonl\nheldOut: [a.jsonl, /b.jsonl]\nmodel: ./model\nadapter: tinker://x/y\nepochs: 2\n",
  );
  expect(recipe.settings).toEqual({ epochs: 2 });
  expect(recipe.surroundings).toEqual({
    data: join(directory, "train.jsonl"),
    heldOut: [join(directory, "a.jsonl"), "/b.jsonl"],
    model: join(directory, "model"),
    adapter: "tinker://x/y",
  });
});

test("what is given later wins, and what it does not say stays", async () => {
  const recipe = await read("data: train.jsonl\nepochs: 2\nrank: 8\n");
  const over = parseTrainRecipe({ epochs: 5, seed: 1, rank: undefined }, sftRecipe);
  expect(overRecipe(recipe, over)).toEqual({
    settings: { epochs: 5, seed: 1 },
    surroundings: { data: join(directory, "train.jsonl"), rank: 8 },
  });
});

test("an unknown name and a bad value say where and what was meant", async () => {
  await expect(read("epoch: 3\n")).rejects.toThrow(/sft\.yaml, epoch: is no setting; did you mean epochs\?/);
  await expect(read("schedule: step\n")).rejects.toThrow(/sft\.yaml, schedule: .*\(got "step"\)/);
  await expect(read("schedule: [\n")).rejects.toThrow(/sft\.yaml, line \d/);
  expect(() => parseTrainRecipe({ rank: 0 }, sftRecipe)).toThrow("rank: Too small: expected number to be >=1 (got 0)");
});

test.each([
  ["mini", "sft", sftRecipe],
  ["mini", "rl", rlRecipe],
  ["ce-rm-4b", "sft", sftRecipe],
  ["ce-rm-4b", "rl", rlRecipe],
  ["synthetic-rule", "sft", sftRecipe],
  ["synthetic-rule", "rl", rlRecipe],
] as const)("recipes/%s/%s.yaml says only what there is", async (folder, name, shape) => {
  const file = join(import.meta.dirname, "../../../recipes", folder, `${name}.yaml`);
  const { settings } = await readTrainRecipe(file, shape as typeof sftRecipe);
  expect(Object.keys(settings).length).toBeGreaterThanOrEqual(3);
});
