import { expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { rmBench } from "./rm-bench.ts";

// Rows written by hand in the documented shape.
const row = (domain?: string) => ({ id: 1, prompt: "q", chosen: ["a", "b", "c"], rejected: ["d", "e", "f"], domain });

it("has hard above, normal on and easy below the diagonal, and strict comparisons", async () => {
  const path = await writeRows(
    await temporaryFolder(),
    "total_dataset.json",
    ["chat", "math", "code", "safety-refuse"].map(row),
  );
  // Chosen concise beats rejected concise only; chosen markdown beats all but rejected markdown, with which it ties.
  const result = await scoreWith(rmBench, path, () => [3, 1, 9, 2, 5, 9]);
  expect(result.details.domains).toMatchObject({
    chat: {
      matrix: [
        [1, 0, 0],
        [0, 0, 0],
        [1, 1, 0],
      ],
      hard: 0,
      normal: 1 / 3,
      easy: 2 / 3,
    },
  });
  expect(result.headline.value).toBeCloseTo(1 / 3, 12);
  expect(sectionValues(result)).toMatchObject({ hard: 0, normal: 1 / 3, easy: 2 / 3 });
  // Beside each number its pairs by both rules: the one tie is between the two in markdown.
  const figures = ["hard", "normal", "easy", "chat", "overall"].map((name) => {
    const { strict, half, tieRate } = result.sections.find((one) => one.name === name)!;
    return [strict, half, tieRate].map((figure) => Math.round(figure! * 18));
  });
  expect(figures).toEqual([
    [0, 0, 0],
    [6, 9, 6],
    [12, 12, 0],
    [6, 7, 2],
    [6, 7, 2],
  ]);
});

it("pools the rows of both safety files, and has no overall number without a domain", async () => {
  const folder = await temporaryFolder();
  await writeRows(folder, "safety-refuse_filtered.json", [row(), row(), row()]);
  await writeRows(folder, "safety-response_filtered.json", [row()]);
  await writeRows(folder, "leaderboard.json", [{ any: 1 }]);
  const result = await scoreWith(rmBench, folder, ({ subset }) =>
    subset === "safety-refuse" ? [1, 1, 1, 0, 0, 0] : [0, 0, 0, 1, 1, 1],
  );
  expect(sectionValues(result)).toMatchObject({ safety: 0.75, chat: null, hard: null, overall: null });
  expect(result.subsets.map(({ name, value }) => [name, value])).toEqual([
    ["safety-refuse", 1],
    ["safety-response", 0],
  ]);
});

it("takes the combined file where it lies beside the others", async () => {
  const folder = await temporaryFolder();
  await writeRows(folder, "data/total_dataset.json", [row("chat")]);
  await writeRows(folder, "data/chat_filtered.json", [row()]);
  expect((await loadAll(rmBench, folder)).map(({ key }) => key)).toEqual(["data/total_dataset.json#0"]);
});

it("loses comparisons with an unscored response", async () => {
  const path = await writeRows(await temporaryFolder(), "chat_filtered.json", [row()]);
  const result = await scoreWith(rmBench, path, () => [null, 5, 5, null, 1, 1]);
  expect(sectionValues(result).chat).toBeCloseTo(4 / 9, 12);
  expect(result.unscored).toMatchObject({ responses: 2, items: 1 });
});

it.each<[string, string, object, string]>([
  [
    "two styles",
    "chat.json",
    { ...row(), chosen: ["a", "b"] },
    "chosen: row 0 (from 0): expected at least 3 entries, got a list of 2",
  ],
  [
    "an unknown domain",
    "chat.json",
    row("poetry"),
    'domain: row 0 (from 0): expected one that begins with chat, math, code, safety, got "poetry"',
  ],
  [
    "a file that does not say its domain",
    "x.json",
    row(),
    "domain: row 0 (from 0): the field is missing and the file's name (x.json)",
  ],
])("refuses %s", async (_what, name, bad, message) => {
  const path = await writeRows(await temporaryFolder(), name, [bad]);
  await expect(loadAll(rmBench, path)).rejects.toThrow(message);
});
