import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../core/errors.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { stages } from "../stages/stages.ts";
import { readRecipe } from "./read-recipe.ts";

async function read(text: string) {
  const file = join(await temporaryFolder(), "recipe.yaml");
  await writeFile(file, text);
  return { file, recipe: readRecipe(file, stages) };
}

const least = "name: a\ninputs:\n  - path: x.jsonl\nstages:\n";

test("fills in defaults, and looks for files from the recipe's folder", async () => {
  const { file, recipe } = await read(
    `${least}  - shape\n  - decontamination:\n      benchmarks:\n        - { name: llmbar, path: data/llmbar }\n      files:\n        - { path: [a.jsonl, /b.jsonl], columns: [prompt] }\n`,
  );
  const folder = join(file, "..");
  expect(await recipe).toMatchObject({
    seed: 0,
    onBroken: "skip",
    tokens: "characters",
    inputs: [{ path: [join(folder, "x.jsonl")], name: "x", weight: 1 }],
    stages: [
      { name: "shape", settings: { minCharacters: 1 } },
      {
        name: "decontamination",
        settings: {
          benchmarks: [{ name: "llmbar", path: join(folder, "data/llmbar") }],
          files: [{ path: [join(folder, "a.jsonl"), "/b.jsonl"] }],
          words: 13,
        },
      },
    ],
  });
});

test.each([
  ["name: a\ninputs: [\n", /line 3: /],
  [`${least}  - shapes\n`, /line 5, stages\[0\]: there is no stage "shapes"; there are shape.*did you mean shape\?/],
  [
    `${least}  - shape\n  - lengths: { maxPromt: 3 }\n`,
    /line 6, stages\[1\].lengths.maxPromt: there is no such setting/,
  ],
  [
    `${least}  - lengths:\n      maxTurns: many\n`,
    /line 6, stages\[0\].lengths.maxTurns: .*expected number.*got "many"/,
  ],
  [`${least}  - shape: {}\n    language: {}\n`, /stages\[0\]: expected the name of one stage/],
  [`seed: -1\n${least}  - shape\n`, /line 1, seed: .*got -1/],
  [`onBrokn: skip\n${least}  - shape\n`, /line 1, onBrokn: there is no such setting/],
  [
    "name: a\ninputs:\n  - path: x.jsonl\n    columns: { chosen: c }\nstages: [shape]\n",
    /line 4, inputs\[0\].columns.rejected/,
  ],
  [
    "name: a\ninputs:\n  - path: x.jsonl\n  - path: y/x.jsonl\nstages: [shape]\n",
    /line 4, .*two inputs are called "x"/,
  ],
  [`${least}  - shape\nsplits: { heldOut: 0.6, test: 0.5 }\n`, /line 6, splits: the shares leave nothing/],
  [`${least}  - difficulty: { above: 0.9, below: 0.2 }\n`, /stages\[0\].difficulty: `above` must be smaller/],
  ["", /name/],
])("says where %j is wrong", async (text, message) => {
  const { recipe } = await read(text);
  const error = await recipe.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(message);
});

test("a recipe that is not there is named", async () => {
  await expect(readRecipe("/nowhere/recipe.yaml", stages)).rejects.toThrow(/\/nowhere\/recipe.yaml: there is no such/);
});
