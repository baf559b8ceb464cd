import { expect, test } from "vitest";
import { engineFailure, FakeEngine, scoring } from "../../test/fake-engine.ts";
import { keptTerminal } from "../../test/run-cli.ts";
import { queryFromText } from "../core/query.ts";
import { Judge, type JudgeInput } from "../judge/index.ts";
import type { JudgeOptions } from "../judge/judge-options.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { formatJudgment } from "./format-judgment.ts";

const pack = await loadPack("default");
const { terminal } = keptTerminal();
const input = (...texts: string[]): JudgeInput => ({
  id: "sky",
  query: queryFromText("Why is\nthe sky blue?"),
  responses: texts.map((text, index) => ({ id: "abc"[index]!, text })),
});

async function shown(
  what: JudgeInput,
  score: Parameters<typeof scoring>[0],
  options: Partial<JudgeOptions> & { order?: "input" | "rank" } = {},
) {
  const { order = "input", ...rest } = options;
  const judge = new Judge({ engine: new FakeEngine({ answer: scoring(score) }), pack, now: () => 0, ...rest });
  return formatJudgment(await judge.judge(what), what, terminal, { order }).split("\n");
}

test("criteria, rewards with scores per criterion and reasons, in the order of the input", async () => {
  const lines = await shown(input("poor", "good"), (response) => (response === "good" ? 8.5 : 3));
  expect(lines).toEqual([
    "Query sky  Why is the sky blue?",
    "Criteria",
    "  1. Accuracy: How good its accuracy is.",
    "  2. Clarity: How good its clarity is.",
    "Responses",
    "  2. 3/10       a  poor",
    "                3  Accuracy: It is fair.",
    "                3  Clarity: It is fair.",
    "                Overall: A fair response.",
    "  1. 8.5/10     b  good",
    "                3  Accuracy: It is fair.",
    "                3  Clarity: It is fair.",
    "                Overall: A fair response.",
    "0.0 s, 300 prompt tokens (120 not computed again), 30 written",
  ]);
});

test("best first for rank, and an unscored response last with its reason in full", async () => {
  const failing = (response: string) =>
    response === "broken" ? engineFailure("the server\nsaid no") : response === "good" ? 8 : 3;
  const lines = await shown(input("broken", "poor", "good"), failing, { order: "rank" });
  const places = lines.filter((line) => /^ {2}\d\. \S*(\/10|unscored)/.test(line));
  expect(places.map((line) => line.trim().split(/\s+/).slice(0, 3))).toEqual([
    ["1.", "8/10", "c"],
    ["2.", "3/10", "b"],
    ["3.", "unscored", "a"],
  ]);
  expect(lines).toContain("                engine-error: the server said no");
});

test("several votes show their spread and count, and how many have no score", async () => {
  const votes = [6, 7, "?", 8];
  const sampling = { temperature: 1, evaluations: 4 };
  const lines = await shown(input("text"), () => votes.shift()!, sampling);
  expect(lines.find((line) => line.includes("/10"))).toBe("  1. 7/10       a ±1.00 (3 of 4 votes)  text");
  const two = ["?", 8];
  const single = await shown(input("text"), () => two.shift()!, { temperature: 1, evaluations: 2 });
  expect(single.find((line) => line.includes("/10"))).toBe("  1. 8/10       a (1 of 2 votes)  text");
});

test("each list of criteria is named where there are several, and a missing one says why", async () => {
  const lines = await shown(input("text"), () => 5, { temperature: 1, criteriaSamples: 2 });
  expect(lines.filter((line) => line.startsWith("Criteria"))).toEqual(["Criteria 1", "Criteria 2"]);
  const engine = new FakeEngine({ answer: () => "No." });
  const judgment = await new Judge({ engine, pack }).judge(input("text"));
  const text = formatJudgment(judgment, input("text"), terminal, { order: "input" });
  expect(text).toContain("Criteria: none (criteria-unparsable: The criteria answer holds no list");
});

test("long texts are shortened, lines keep to the width, and control characters of a response do nothing", async () => {
  const hostile = `\u001b[2J\u0007${"long ".repeat(100)}`;
  const lines = await shown(input(hostile), () => 5);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
  expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  expect(lines.find((line) => line.includes("5/10"))).toMatch(/\ufffd\[2J\ufffdlong .*…$/);
});
