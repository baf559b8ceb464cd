import { expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { llmbar } from "./llmbar.ts";

// Rows written by hand in the documented shape.
const row = (label: unknown) => ({ input: "q", output_1: "one", output_2: "two", label });

it("takes the sets of LLMBar out of its repository, with their names", async () => {
  const folder = await temporaryFolder();
  await writeRows(folder, "LLMBar/Natural/dataset.json", [row(1)]);
  await writeRows(folder, "LLMBar/Adversarial/GPTOut/dataset.json", [row(2)]);
  await writeRows(folder, "LLMBar/Natural/evaluators/GPT-4/Rating/result.json", [{ results: [] }]);
  await writeRows(folder, "Processed/FairEval/dataset.json", [row(1)]);
  expect((await loadAll(llmbar, folder)).map(({ key, subset, pairs }) => [key, subset, pairs])).toEqual([
    ["LLMBar/Adversarial/GPTOut/dataset.json#0", "llmbar-adver-GPTOut", [[1, 0]]],
    ["LLMBar/Natural/dataset.json#0", "llmbar-natural", [[0, 1]]],
  ]);
  expect((await loadAll(llmbar, `${folder}/Processed`))[0]).toMatchObject({
    key: "FairEval/dataset.json#0",
    subset: "FairEval",
  });
  expect((await loadAll(llmbar, `${folder}/LLMBar/Natural/dataset.json`))[0]).toMatchObject({
    key: "dataset.json#0",
    subset: "llmbar-natural",
  });
});

it("gives one half for ties and for unscored responses", async () => {
  const path = await writeRows(await temporaryFolder(), "Natural/dataset.json", [row(1), row(2), row(1), row(1)]);
  const result = await scoreWith(
    llmbar,
    path,
    (_, n) =>
      [
        [2, 1],
        [2, 1],
        [1, 1],
        [null, 9],
      ][n]!,
  );
  expect(result.headline.value).toBe(0.5);
  expect(sectionValues(result)["llmbar-natural"]).toBe(0.5);
  expect(result.pairs).toEqual({ count: 4, strict: 0.25, half: 0.375, tieRate: 0.25 });
});

it("refuses a label outside its set", async () => {
  const path = await writeRows(await temporaryFolder(), "Natural/dataset.json", [row(1), row(0)]);
  await expect(loadAll(llmbar, path)).rejects.toThrow(
    /dataset\.json, line \d+, label: row 1 \(from 0\): expected "1" or "2", got 0/,
  );
});
