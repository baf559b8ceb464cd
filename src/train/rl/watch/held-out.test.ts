import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { criteriaText, evaluationText, FakeEngine, responseOf, turnOf } from "../../../../test/fake-engine.ts";
import { pairs as pairsBenchmark } from "../../../bench/benchmarks/pairs.ts";
import { buildReport } from "../../../bench/report/build-report.ts";
import { chooseItems } from "../../../bench/run/choose-items.ts";
import { runBench } from "../../../bench/run/run-bench.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import { loadPack } from "../../../prompts/load-pack.ts";
import { heldOutNumbers, judgeHeldOut } from "./held-out.ts";

const pack = await loadPack("default");

/** Gives a response the score that it ends in; one that ends in none cannot be read. */
const byEnding = () =>
  new FakeEngine({
    answer: (request) =>
      turnOf(request) === "criteria"
        ? criteriaText("Depth", "Tone", "Use")
        : evaluationText(["Depth", "Tone", "Use"], /(\d+)$/.exec(responseOf(request) ?? "")?.[1] ?? "none"),
  });

const pair = (row: number, chosen: string, rejected: string): PreferencePair => ({
  ...{ id: `pairs.jsonl#${row}`, messages: [{ role: "user", content: `Question ${row}?` }], source: "toy" },
  ...{ chosen, rejected },
});

const heldOut = [
  pair(0, "a long answer worth 9", "short 2"),
  pair(1, "a long answer worth 5", "short 5"),
  pair(2, "a long answer worth 8", "short 7"),
  pair(3, "short 9", "a long answer worth 3"),
  pair(4, "short 1", "a long answer worth 3"),
  pair(5, "same length 7", "same length 2"),
  pair(6, "worth nothing that can be read", "short 2"),
];

test("numbers by hand", async () => {
  const numbers = heldOutNumbers(await judgeHeldOut(byEnding(), heldOut, { pack, mode: "unified" }));
  expect(numbers).toEqual({
    "heldOut/accuracy": 4 / 7,
    "heldOut/low": expect.closeTo(0.25, 2),
    "heldOut/high": expect.closeTo(0.842, 2),
    "heldOut/half": 4.5 / 7,
    // Longer is better: 2 of 4 right; shorter: 1 of 2.
    "heldOut/lengthBalanced": (2 / 4 + 1 / 2) / 2,
    "heldOut/tieRate": 1 / 7,
    "heldOut/unscored": 1 / 7,
  });
});

test("where the better response is always longer, there is no length-balanced number; without pairs there is none at all", async () => {
  const numbers = heldOutNumbers(await judgeHeldOut(byEnding(), heldOut.slice(0, 3), { pack, mode: "unified" }));
  expect(numbers).toMatchObject({ "heldOut/accuracy": 2 / 3, "heldOut/lengthBalanced": undefined });
  expect(heldOutNumbers([])).toEqual({});
});

test.each(["unified", "implicit"] as const)("they are those of the benchmark `pairs`, mode %s", async (mode) => {
  const folder = await mkdtemp(join(tmpdir(), "cerm-held-out-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "pairs.jsonl");
  await writeFile(path, heldOut.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const out = join(folder, "run");
  const chosen = await chooseItems([{ benchmark: pairsBenchmark, path }], { seed: 0 });
  await runBench({ out, chosen, mode, version: "0", judge: { engine: byEnding(), pack } });
  const { pairs, length, unscored } = (await buildReport(out, { resamples: 2 })).benchmarks[0]!.scores.hard!;

  const items = await judgeHeldOut(byEnding(), heldOut, { pack, mode });
  expect(heldOutNumbers(items)).toMatchObject({
    "heldOut/accuracy": pairs.strict.value,
    "heldOut/half": pairs.half.value,
    "heldOut/tieRate": pairs.tieRate.value,
    "heldOut/lengthBalanced": length.balanced.strict.value,
    "heldOut/unscored": unscored.items / pairs.count,
  });
  expect(pairsBenchmark.score(items).headline.value).toBe(heldOutNumbers(items)["heldOut/accuracy"]);
});
