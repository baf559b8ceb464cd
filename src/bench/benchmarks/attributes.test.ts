import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, writeRows } from "../test-helpers.ts";
import { helpsteer } from "./helpsteer.ts";
import { ultrafeedback } from "./ultrafeedback.ts";

// Rows written by hand in the documented shapes.
const steer = (prompt: string, response: string, helpfulness: number, verbosity = 2) => ({
  ...{ prompt, response, helpfulness, correctness: 3, coherence: 4, complexity: 1, verbosity },
});
const completion = (response: string, ratings: unknown[], overall = 5) => ({
  ...{ model: "m", response, overall_score: overall },
  annotations: Object.fromEntries(
    ["instruction_following", "honesty", "truthfulness", "helpfulness"].map((name, n) => [
      name,
      { Rating: ratings[n], Rationale: "" },
    ]),
  ),
});
const feedback = (...completions: object[]) => ({ source: "flan", instruction: "q", completions });

describe("HelpSteer", () => {
  const rows = [
    steer("a", "a0", 4, 1),
    steer("a", "a1", 3, 1),
    steer("a", "a2", 3, 3),
    steer("b", "b0", 2),
    steer("b", "b1", 2),
    steer("c", "c0", 1),
  ];

  it("joins rows of one prompt; ties and prompts without a pair are dropped", async () => {
    const path = await writeRows(await temporaryFolder(), "validation.jsonl", rows);
    const items = await loadAll(helpsteer, path);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      key: "validation.jsonl#0",
      quality: [4, 3, 3],
      pairs: [
        [0, 1],
        [0, 2],
      ],
    });
    const [verbose] = await loadAll(helpsteer, path, { attribute: "verbosity", minGap: 2 });
    expect(verbose).toMatchObject({
      quality: [1, 1, 3],
      pairs: [
        [2, 0],
        [2, 1],
      ],
      label: { attribute: "verbosity", minGap: 2 },
    });
    expect(await loadAll(helpsteer, path, { minGap: 2 })).toEqual([]);
    const result = await scoreWith(helpsteer, path, () => [5, 5, 1]);
    expect(result).toMatchObject({
      pairs: { count: 2, strict: 0.5, half: 0.75 },
      details: { attribute: "helpfulness", minGap: 1 },
    });
  });

  it("refuses ratings beyond the scale, and attributes there are not", async () => {
    const path = await writeRows(await temporaryFolder(), "v.jsonl", [steer("a", "x", 5)]);
    await expect(loadAll(helpsteer, path)).rejects.toThrow(
      "v.jsonl, line 1, helpfulness: row 0 (from 0): expected at most 4, got 5",
    );
    await expect(loadAll(helpsteer, path, { attribute: "helpfulnes" })).rejects.toThrow(
      'attribute: got "helpfulnes", expected one of helpfulness',
    );
    await expect(loadAll(helpsteer, path, { minGap: 0 })).rejects.toThrow("min-gap: got 0, expected a number above 0");
  });
});

describe("UltraFeedback", () => {
  it("compares means of the four aspects, and leaves out responses without a rating", async () => {
    const row = feedback(
      completion("x", ["5", "5", "5", "4"]),
      completion("y", ["N/A", "5", "5", "5"]),
      completion("z", ["3", 4, "4", "4"]),
    );
    const path = await writeRows(await temporaryFolder(), "flan.jsonl", [row]);
    const [item] = await loadAll(ultrafeedback, path);
    expect(item).toMatchObject({ subset: "flan", quality: [4.75, 3.75], pairs: [[0, 1]], label: { unrated: 1 } });
    expect(item!.responses.map(({ id, text }) => id + text)).toEqual(["0x", "1z"]);
    expect((await loadAll(ultrafeedback, path, { attribute: "honesty" }))[0]).toMatchObject({
      quality: [5, 5, 4],
      pairs: [
        [0, 2],
        [1, 2],
      ],
    });
    expect(await loadAll(ultrafeedback, path, { attribute: "overall" })).toEqual([]);
  });

  it("refuses a rating outside its set", async () => {
    const path = await writeRows(await temporaryFolder(), "flan.jsonl", [
      feedback(completion("x", ["9", "5", "5", "5"])),
    ]);
    await expect(loadAll(ultrafeedback, path)).rejects.toThrow(
      'completions[0].annotations.instruction_following.Rating: row 0 (from 0): expected a rating 1 to 5 or N/A, got "9"',
    );
  });
});
