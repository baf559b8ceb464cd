import { expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { rmb } from "./rmb.ts";

// Rows written by hand in the documented shape.
const answer = (text: string) => ({ llm_name: "m", answer: text });
const conversation_input = [{ role: "user", content: "q" }];
const pair = { pair_uid: "1", conversation_input, chosen: answer("c"), reject: answer("r"), category_path: "x" };
const bon = { bon_uid: "2", conversation_input, bon_best: answer("b"), loser_list: [answer("l0"), answer("l1")] };

async function folder() {
  const path = await temporaryFolder();
  await writeRows(path, "Pairwise_set/Helpfulness/Chat/Casual.json", [pair, pair, pair]);
  await writeRows(path, "Pairwise_set/Helpfulness/Code/Docs.json", [pair]);
  await writeRows(path, "Pairwise_set/Harmlessness/S6.json", [pair]);
  await writeRows(path, "BoN_set/Helpfulness/Chat/Casual.json", [bon, bon]);
  await writeRows(path, "BoN_set/Harmlessness/S6.json", [bon]);
  return path;
}

it("has pairs and lists per goal; the best must beat every other strictly", async () => {
  const path = await folder();
  const items = await loadAll(rmb, path);
  expect(items[1]).toMatchObject({
    ...{
      key: "BoN_set/Helpfulness/Chat/Casual.json#0",
      subset: "BoN/Helpfulness/Chat/Casual",
      pairs: [
        [0, 1],
        [0, 2],
      ],
    },
    responses: [{ text: "b" }, { text: "l0" }, { text: "l1" }],
  });
  const scores: Record<string, number[]> = {
    "BoN_set/Helpfulness/Chat/Casual.json#0": [3, 1, 2],
    "BoN_set/Helpfulness/Chat/Casual.json#1": [3, 1, 3],
    "BoN_set/Harmlessness/S6.json#0": [3, 1, 1],
    "Pairwise_set/Helpfulness/Code/Docs.json#0": [1, 1],
  };
  const result = await scoreWith(rmb, path, ({ key }) => scores[key] ?? [2, 1]);
  expect(sectionValues(result)).toEqual({
    ...{ "Helpfulness BoN": 0.5, "Helpfulness Pairwise": 0.75, "Harmlessness BoN": 1, "Harmlessness Pairwise": 1 },
    average: 0.8125,
  });
  expect(result.details.categoryWeighted).toMatchObject({ "Helpfulness Pairwise": 0.5 });
});

it("finds the goal in category_path where the file does not say it, else refuses", async () => {
  const path = await temporaryFolder();
  const named = await writeRows(path, "a.json", [{ ...pair, category_path: "Harmlessness/S6" }]);
  expect((await loadAll(rmb, named))[0]).toMatchObject({ subset: "Pairwise/Harmlessness/S6", key: "a.json#0" });
  await expect(loadAll(rmb, await writeRows(path, "b.json", [pair]))).rejects.toThrow(
    "category_path: row 0 (from 0): expected a file in a folder named Helpfulness or Harmlessness",
  );
});
