import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { judgebench } from "../benchmarks/judgebench.ts";
import { rmBench } from "../benchmarks/rm-bench.ts";
import { labelledItem, type RunItem } from "../run/index.ts";
import { buildReport } from "./build-report.ts";
import { type FixtureOptions, writeFixtureRun } from "./testing/fixture-run.ts";

const quick = { resamples: 60 };

async function fixture(options: FixtureOptions = {}) {
  const directory = await temporaryFolder();
  return { directory, items: await writeFixtureRun(directory, options) };
}

const scored = (items: RunItem[], name: string, kind: "hard" | "expected" = "hard") =>
  items.filter(({ benchmark }) => benchmark === name).map((item) => ({ item: labelledItem(item), scores: item[kind] }));

test("headlines are the benchmarks' own numbers, hard and expected, within their intervals", async () => {
  const { directory, items } = await fixture();
  const report = await buildReport(directory, quick);
  expect(report.benchmarks.map(({ name }) => name)).toEqual(["judgebench", "llmbar", "rm-bench"]);
  const [judge, , rm] = report.benchmarks;
  for (const kind of ["hard", "expected"] as const) {
    const score = judge!.scores[kind]!;
    const own = judgebench.score(scored(items, "judgebench", kind));
    expect(score.headline.value).toBe(own.headline.value);
    expect(score.headline.tieRule).toBe(own.headline.tieRule);
    expect(score.subsets.map(({ value }) => value.value)).toEqual(own.subsets.map(({ value }) => value));
    expect(score.headline.low!).toBeLessThanOrEqual(score.headline.value!);
    expect(score.headline.high!).toBeGreaterThan(score.headline.low!);
  }
  expect(rm!.scores.hard!.pairs.tieRate.value!).toBeGreaterThan(0);
  expect(rm!.scores.expected!.pairs.tieRate.value).toBe(0);
  for (const kind of ["hard", "expected"] as const) {
    const { strict } = rm!.scores[kind]!.length.balanced;
    expect(strict.low!).toBeLessThan(strict.value!);
    expect(strict.high!).toBeGreaterThan(strict.value!);
  }
  const matrices = rmBench.score(scored(items, "rm-bench")).details.subsets as Record<string, { matrix: number[][] }>;
  expect(rm!.styles.map(({ name }) => name)).toEqual(["all items", ...Object.keys(matrices).sort()]);
  expect(rm!.styles.find(({ name }) => name === "math")!.matrix).toEqual(matrices.math!.matrix);
});

test("unscored responses are counted with their reasons", async () => {
  const { directory, items } = await fixture({ benchmarks: ["rm-bench"], unscoredPercent: 20 });
  const missing = items.flatMap(({ hard }) => hard).filter((score) => score === null).length;
  const { unscored } = (await buildReport(directory, quick)).benchmarks[0]!.scores.hard!;
  expect(missing).toBeGreaterThan(5);
  expect(unscored).toMatchObject({ responses: missing, of: 144, reasons: [{ reason: "no-score", count: missing }] });
});

test("an engine without probabilities has no expected scores, rather than unscored ones", async () => {
  const { directory } = await fixture({ benchmarks: ["llmbar"], expected: false });
  const [llmbar] = (await buildReport(directory, quick)).benchmarks;
  expect(Object.keys(llmbar!.scores)).toEqual(["hard"]);
});

test("votes, curves, controls and length are of the same items", async () => {
  const { directory } = await fixture({ benchmarks: ["rm-bench"], skill: 6, unscoredPercent: 0 });
  const [rm] = (await buildReport(directory, quick)).benchmarks;
  expect(rm!.votes!.alpha!).toBeGreaterThan(0.3);
  expect(rm!.bestOfN!.map(({ n }) => n)).toEqual([1, 2, 4, 6]);
  const { judge, oracle, random } = rm!.bestOfN!.at(-1)!.quality;
  expect(oracle.value).toBe(1);
  expect(random.value).toBe(0.5);
  expect(judge.value!).toBeGreaterThan(0.8);
  const names = rm!.controls.map(({ name }) => name);
  expect(names).toEqual(["longest response", "shortest response", "constant judge", "shuffled labels"]);
  const [, , constant, shuffled] = rm!.controls;
  expect(constant).toMatchObject({ headline: { value: 0 }, strict: { value: 0 }, half: { value: 0.5 } });
  expect(shuffled!.strict.high!).toBeLessThan(rm!.scores.hard!.pairs.strict.value!);
  expect(shuffled!.headline.high!).toBeLessThan(rm!.scores.hard!.headline.value!);
  const { betterShorter, betterLonger, equalLength, balanced } = rm!.scores.hard!.length;
  expect(betterShorter.pairs + betterLonger.pairs + equalLength).toBe(24 * 9);
  expect(balanced.half.value).toBeCloseTo((betterShorter.half.value! + betterLonger.half.value!) / 2, 12);
});

test("pairs alone have no Best-of-N curve, and single votes no agreement", async () => {
  const { directory } = await fixture({ benchmarks: ["llmbar"], votes: 1 });
  expect((await buildReport(directory, quick)).benchmarks[0]).toMatchObject({ bestOfN: null, votes: null, styles: [] });
});

test("a control run gives the shift of the same responses' rewards", async () => {
  const [base, control] = [await fixture({ benchmarks: ["llmbar"] }), await temporaryFolder()];
  await writeFixtureRun(control, { benchmarks: ["llmbar"], control: "padding", skill: 4 });
  const [llmbar] = (await buildReport(base.directory, { ...quick, controlRuns: [control] })).benchmarks;
  const [shift] = llmbar!.shifts;
  expect(shift).toMatchObject({ control: "padding", headline: { before: llmbar!.scores.hard!.headline.value } });
  expect(shift!.shift.responses).toBeGreaterThan(40);
  // More skill moves better responses up and worse ones down by as much.
  expect(Math.abs(shift!.shift.mean!)).toBeLessThan(0.2);
  expect(shift!.shift.rose!).toBeGreaterThan(0.3);
});

test("what is no control run of the run is refused, with the reason", async () => {
  const [base, other] = [await fixture({ benchmarks: ["llmbar"] }), await temporaryFolder()];
  const attempt = async (options: FixtureOptions) => {
    await writeFixtureRun(other, options);
    return buildReport(base.directory, { ...quick, controlRuns: [other] });
  };
  await expect(attempt({ benchmarks: ["llmbar"] })).rejects.toThrow(/responses were not changed.*--control/);
  const control = "padding";
  await expect(attempt({ benchmarks: ["llmbar"], control, votes: 3 })).rejects.toThrow(/evaluations 2 and 3/);
  await expect(attempt({ benchmarks: ["llmbar"], control, model: "other" })).rejects.toThrow(
    /model SmolLM2.* and other/,
  );
  await expect(attempt({ benchmarks: ["judgebench"], control })).rejects.toThrow(/no item of the run/);
});

test("progress counts up to the total over all numbers", async () => {
  const { directory } = await fixture({ benchmarks: ["rm-bench"], items: 800, votes: 1 });
  const seen: [number, number][] = [];
  await buildReport(directory, { resamples: 400, onProgress: (done, total) => void seen.push([done, total]) });
  expect(seen.length).toBeGreaterThan(2);
  expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([800]));
  const counts = seen.map(([done]) => done);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)!).toBeGreaterThan(400);
});

test("a pairwise run has the two-order number, consistency and position bias", async () => {
  const { directory, items } = await fixture({ mode: "pairwise" });
  const [judge, , rm] = (await buildReport(directory, quick)).benchmarks;
  const right = items.filter(({ benchmark, quality, pairwise }) => {
    const preferred = pairwise![0]!.preferred;
    return benchmark === "judgebench" && preferred !== null && quality[preferred] === 1;
  });
  expect(judge!.pairwise!.accuracy.value).toBeCloseTo(right.length / 24, 12);
  expect(judge!.scores.verdicts!.headline.value).toBeCloseTo(right.length / 24, 12);
  expect(judge!.scores.hard).toBeUndefined();
  expect(judge!.pairwise!.consistency!).toBeGreaterThan(0);
  expect(judge!.calibration).toBeNull();
  // Nine comparisons of an item are no scores.
  expect(rm!.scores).toEqual({});
  expect(rm!.pairwise!.comparisons).toBe(24 * 9);
  // Right, half credit and cancelled belong together, and are the verdicts' own figures where these make scores.
  const { accuracy, half, cancelled } = rm!.pairwise!;
  expect(half.value).toBeCloseTo(accuracy.value! + cancelled! / 2, 12);
  expect(half.low!).toBeLessThan(half.high!);
  const { pairs } = judge!.scores.verdicts!;
  expect([judge!.pairwise!.half.value, judge!.pairwise!.cancelled]).toEqual([pairs.half.value, pairs.tieRate.value]);
});

test("notes say that it is a sample, a toy model, and not finished", async () => {
  const { directory } = await fixture({ benchmarks: ["rewardbench-2"], items: 5 });
  const { notes } = await buildReport(directory, quick);
  expect(notes.join("\n")).toMatch(/a sample, not the benchmark: 5 of 50 items of RewardBench 2.*seed 7/);
  expect(notes.join("\n")).toMatch(/SmolLM2-135M-Instruct.gguf is a toy model \(135 million parameters\)/);
  expect(notes.join("\n")).toMatch(/RewardBench 2 has no headline number/);
  const full = await fixture({ benchmarks: ["llmbar"], limit: null, model: "PKU-ONELab/CE-RM-4B" });
  expect((await buildReport(full.directory, quick)).notes).toEqual([]);
});

test("a run that was killed is reported as far as it is", async () => {
  const { directory } = await fixture({ benchmarks: ["llmbar"], items: 8 });
  await appendFile(join(directory, "items.jsonl"), '{"id":"llmbar/llmbar.jsonl#8","run":"0123456789ab","benchm');
  expect((await buildReport(directory, quick)).benchmarks[0]!.items.done).toBe(8);
  const empty = await fixture({ benchmarks: ["llmbar"], items: 0, limit: null });
  const report = await buildReport(empty.directory, quick);
  expect(report.benchmarks[0]).toMatchObject({ scores: {}, calibration: null, controls: [], bestOfN: null });
});

test("the same run gives the same report", async () => {
  const { directory } = await fixture({ benchmarks: ["llmbar"] });
  expect(await buildReport(directory, quick)).toEqual(await buildReport(directory, quick));
});

test("tokens and time add up over the items", async () => {
  const { directory, items } = await fixture({ benchmarks: ["llmbar"], items: 10 });
  const { cost } = await buildReport(directory, quick);
  expect(cost).toMatchObject({ items: 10, responses: 20, evaluations: 40, fromStore: { criteria: 0, evaluations: 0 } });
  expect(cost.usage.promptTokens).toBe(items.reduce((sum, { usage }) => sum + usage.promptTokens, 0));
  expect(cost.cachedShare).toBeCloseTo(5000 / cost.usage.promptTokens, 12);
  expect(cost.itemMilliseconds).toBe(items.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
});

test("answers from the store are counted, and what was made is what tokens are divided by", async () => {
  const { directory, items } = await fixture({ benchmarks: ["llmbar"], items: 4 });
  const [line, ...others] = (await readFile(join(directory, "items.jsonl"), "utf8")).trimEnd().split("\n");
  const item = JSON.parse(line!);
  item.judgment.criteria[0].fromStore = true;
  for (const response of item.judgment.responses)
    for (const evaluation of response.evaluations) evaluation.fromStore = true;
  await writeFile(join(directory, "items.jsonl"), `${[JSON.stringify(item), ...others].join("\n")}\n`);
  const { cost } = await buildReport(directory, quick);
  expect(cost).toMatchObject({ evaluations: 16, fromStore: { criteria: 1, evaluations: 4 } });
  const tokens = items.reduce((sum, { usage }) => sum + usage.outputTokens, 0);
  expect(cost.outputTokensPerEvaluation).toBeCloseTo(tokens / 12, 12);
});

test("what is no run directory is refused", async () => {
  await expect(buildReport(await temporaryFolder(), quick)).rejects.toThrow(/run\.json/);
});
