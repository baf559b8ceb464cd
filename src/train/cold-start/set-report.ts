import type { ColdStartExample } from "./cold-start-example.ts";
import { exclusions, type FinishedSet } from "./finish-set.ts";
import type { MeasuredExample } from "./select-examples.ts";
import type { SetOrigin } from "./write-set.ts";
import { describeYields, type Yields } from "./yields.ts";

/** What is in one part of a set. */
export interface PartSummary {
  conversations: number;
  tokens: number;
  /** Conversations that teach turn 1, and turn 2. */
  teaching: { criteria: number; evaluation: number };
  bySource: Record<string, number>;
  /** Of those that teach turn 2. */
  byOverall: Record<string, number>;
}

export interface SetReport {
  made: string;
  pack: string;
  settings: Record<string, unknown>;
  sources: {
    name: string;
    /** `null`: named by nobody. */
    licence: string | null;
    origin: string;
    /** Records (of a teacher: pairs), and what became of them; a record may give several examples. */
    records: number;
    examples: number;
    /** Records without an example, by reason. */
    without: Record<string, number>;
  }[];
  comparedWith: SetOrigin["comparedWith"];
  yields?: Yields;
  excluded: Record<string, number>;
  train: PartSummary;
  heldOut: PartSummary;
}

/** Counts of a set, for programs. */
export function summariseSet(set: FinishedSet, origin: SetOrigin): SetReport {
  const excluded = exclusions.map((why) => [why, set.excluded.filter((one) => one.why === why).length] as const);
  return {
    ...origin,
    excluded: Object.fromEntries(excluded),
    train: summarise(set.train),
    heldOut: summarise(set.heldOut),
  };
}

function summarise(examples: readonly MeasuredExample[]): PartSummary {
  const teaching = (turn: number) => examples.filter(({ train }) => train.includes(turn));
  return {
    conversations: examples.length,
    tokens: examples.reduce((sum, { tokens }) => sum + tokens, 0),
    teaching: { criteria: teaching(1).length, evaluation: teaching(2).length },
    bySource: tally(examples.map(({ source }) => source)),
    byOverall: tally(teaching(2).map(({ overall }) => String(overall))),
  };
}

function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })));
}

/** The report for people, in Markdown. */
export function renderSetReport(report: SetReport, set: FinishedSet): string {
  const { train, heldOut, sources, comparedWith, excluded } = report;
  const compared = Object.entries(comparedWith.sets).map(([name, items]) => `${name} (${items} items)`);
  const parts = [
    "# Cold-start set",
    `Made from ${report.made}, in the prompts of ${report.pack}.`,
    "## Where it comes from",
    table(
      ["source", "licence", "origin", "records", "examples", "records without one"],
      sources.map(({ name, licence, origin, records, examples, without }) => [
        ...[name, licence ?? "none named", origin, String(records), String(examples)],
        Object.entries(without)
          .map(([reason, count]) => `${count} ${reason}`)
          .join("; "),
      ]),
    ),
    report.yields === undefined ? "" : `Rejection sampling: ${describeYields(report.yields)}.`,
    "## What was left out",
    table(
      ["why", "examples"],
      Object.entries(excluded).map(([why, count]) => [why, String(count)]),
    ),
    compared.length === 0 ? "Compared with no evaluation set." : `Compared with ${compared.join(", ")}.`,
    comparedWith.missing.length === 0 ? "" : `Not compared with ${comparedWith.missing.join(", ")}: no data given.`,
    "## What is in it",
    table(
      ["", "conversations", "tokens", "teach criteria", "teach evaluation"],
      (
        [
          ["train", train],
          ["held-out", heldOut],
        ] as const
      ).map(([name, part]) => [
        ...[name, String(part.conversations), String(part.tokens)],
        ...[String(part.teaching.criteria), String(part.teaching.evaluation)],
      ]),
    ),
    counts("source", train.bySource, heldOut.bySource),
    counts("overall score", train.byOverall, heldOut.byOverall),
    "## Examples",
    ...firstOfEach(set.train).map(showExample),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function counts(name: string, train: Record<string, number>, heldOut: Record<string, number>): string {
  const keys = [...new Set([...Object.keys(train), ...Object.keys(heldOut)])];
  return table(
    [name, "train", "held-out"],
    keys.map((key) => [key, String(train[key] ?? 0), String(heldOut[key] ?? 0)]),
  );
}

function firstOfEach(examples: readonly MeasuredExample[]): MeasuredExample[] {
  const sources = new Map<string, MeasuredExample>();
  for (const example of examples) if (!sources.has(example.source)) sources.set(example.source, example);
  return [...sources.values()];
}

function showExample({ id, messages, train }: ColdStartExample): string {
  const text = messages.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
  return `${id}, trained on turn ${train.join(" and ")}:\n\n${text.replace(/^(?=.)/gm, "    ")}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replace(/\|/g, "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
