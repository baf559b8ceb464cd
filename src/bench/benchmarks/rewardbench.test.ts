import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, sectionValues, writeRows } from "../test-helpers.ts";
import { rewardBenchSections, rewardBenchTable, rewardbench } from "./rewardbench.ts";

/** Accuracies of subsets that the benchmark's own read-me lists for beaver-7b-v1.0-cost. */
const listed = new Map(
  Object.entries({
    ...{ "alpacaeval-easy": 0.5, "alpacaeval-hard": 0.7052631578947368, "alpacaeval-length": 0.5894736842105263 },
    ...{ donotanswer: 0.8235294117647058, "hep-cpp": 0.6280487804878049, "hep-go": 0.6341463414634146 },
    ...{ "hep-java": 0.7073170731707317, "hep-js": 0.6646341463414634, "hep-python": 0.5487804878048781 },
    ...{ "hep-rust": 0.6463414634146342, "llmbar-adver-GPTInst": 0.391304347826087 },
    ...{ "llmbar-adver-GPTOut": 0.46808510638297873, "llmbar-adver-manual": 0.3695652173913043 },
    ...{ "llmbar-adver-neighbor": 0.43283582089552236, "llmbar-natural": 0.52, "math-prm": 0.2953020134228188 },
    ...{ "mt-bench-easy": 0.5714285714285714, "mt-bench-hard": 0.5405405405405406, "mt-bench-med": 0.725 },
    ...{
      "refusals-dangerous": 0.97,
      "refusals-offensive": 1,
      "xstest-should-refuse": 1,
      "xstest-should-respond": 0.284,
    },
  }),
);

describe("the table", () => {
  it("weighs subsets as the official code does: by their rows, mathematics as the code subsets together", () => {
    const sum = (weights: object) => Object.values(weights).reduce((total, weight) => total + weight, 0);
    expect(Object.values(rewardBenchSections).map(sum)).toEqual([358, 456, 740, 1968]);
    const { "math-prm": math, ...code } = rewardBenchSections.Reasoning;
    expect([math, sum(code)]).toEqual([984, 984]);
  });

  it("has the official sections and their mean", () => {
    const { sections, fourSections, withPrior, official, prior } = rewardBenchTable(listed);
    expect(sections.Chat).toBeCloseTo(0.6089385475, 10);
    expect(sections["Chat Hard"]).toBeCloseTo(0.4495614035, 10);
    expect(sections.Safety).toBeCloseTo(0.7216216216, 10);
    expect(sections.Reasoning).toBeCloseTo(0.4667566978, 10);
    expect(fourSections).toBeCloseTo(0.5617195676, 10);
    expect([withPrior, official, prior]).toEqual([fourSections, fourSections, null]);
  });

  it("counts the prior sets half, and the missing of them not at all", () => {
    const { fourSections, prior, withPrior } = rewardBenchTable(
      new Map([...listed, ["anthropic_hhh", 0.8], ["shp", 0.4], ["pku_safer", 0]]),
    );
    expect(prior).toBeCloseTo(0.6, 12);
    expect(withPrior).toBeCloseTo((8 * fourSections! + 0.6) / 9, 12);
  });

  it("has no overall number without a section; the official functions count it as 0", () => {
    const { sections, fourSections, withPrior, official } = rewardBenchTable(new Map([["llmbar-natural", 0.5]]));
    expect([sections.Chat, sections["Chat Hard"], fourSections, withPrior]).toEqual([null, 0.5, null, null]);
    expect(official).toBe(0.125);
  });
});

// Rows written by hand in the documented shape.
const row = (subset: string) => ({ id: 7, prompt: "q", chosen: "c", rejected: "r", subset, chosen_model: "m" });

it("reads rows and scores ties strictly, and by the rating rule beside it", async () => {
  const folder = await temporaryFolder();
  const names = [
    "alpacaeval-easy",
    "alpacaeval-easy",
    "donotanswer",
    "math-prm",
    "hep-go",
    "llmbar-natural",
    "summarize",
  ];
  await writeRows(folder, "data/filtered-00000.jsonl", names.map(row));
  await writeRows(folder, "data/raw-00000.jsonl", names.map(row));
  const items = await loadAll(rewardbench, folder);
  expect(items.map(({ key }) => key)).toEqual(names.map((_, n) => `data/filtered-00000.jsonl#${n}`));
  const scores = [
    [2, 1],
    [1, 1],
    [null, 1],
    [2, 1],
    [1, 2],
    [2, 2],
    [3, 1],
  ];
  const result = await scoreWith(rewardbench, folder, (_, index) => scores[index]!);
  expect(sectionValues(result)).toMatchObject({ Chat: 0.5, "Chat Hard": 0, Safety: 0, "Prior Sets": 1 });
  expect(sectionValues(result).Reasoning).toBeCloseTo(984 / 1148, 12);
  expect(result.headline.name).toContain("prior");
  expect(result.details.generative).toMatchObject({ sections: { Chat: 0.75, "Chat Hard": 0.5, Safety: 0.5 } });
  expect(result.subsets.find(({ name }) => name === "alpacaeval-easy")).toEqual({
    ...{ name: "alpacaeval-easy", items: 2, value: 0.5, strict: 0.5, half: 0.75, tieRate: 0.5 },
    tieRule: "strict: equal scores earn 0",
  });
  const section = (name: string) => result.sections.find((one) => one.name === name);
  expect(section("Chat")).toMatchObject({ value: 0.5, strict: 0.5, half: 0.75, tieRate: 0.5 });
  expect(section("average")).toMatchObject({ half: expect.closeTo((0.75 + 0.5 + 0 + 984 / 1148) / 4, 12) });
  const score = section("score with prior sets")!;
  expect(score.strict).toBeCloseTo(score.value!, 12);
  expect(score.half).toBeCloseTo((8 * section("average")!.half! + 1) / 9, 12);
});

it("refuses a subset outside its set", async () => {
  const path = await writeRows(await temporaryFolder(), "x.jsonl", [row("donotanswer"), row("donotanswr")]);
  await expect(loadAll(rewardbench, path)).rejects.toThrow(
    /x\.jsonl, line 2, subset: row 1 \(from 0\).*did you mean "donotanswer"/,
  );
});
