import type { CreditDifference, PairedNumber, RunComparison } from "../analysis/index.ts";
import { type Table, table } from "./blocks.ts";
import type { ComparedOver, RunsComparison } from "./compare-run-directories.ts";
import { count, fixed, percent, pValue, signed } from "./format.ts";

/** The runs by the letters that the other tables call them by. */
export function runsTable({ runs }: RunsComparison): Table {
  return table(
    ["Run", "Directory", "Model", "Pack", "Mode", "Score", "Control"],
    runs.map(({ directory, model, pack, mode, score, control }, index) => [
      letter(index),
      ...[directory, model, pack, mode, score, control ?? "none"],
    ]),
  );
}

/** Headlines, difference with interval, p-value and effect: a row for each comparison. */
export function headlineTable({ benchmarks }: RunsComparison): Table {
  const columns = [
    "Benchmark",
    "Runs",
    "#Items",
    "#A",
    "#B",
    "#Difference",
    "#Length-balanced",
    "#Credit",
    "#p (sign flips)",
    "#p (McNemar)",
    "#Other wins",
  ];
  return table(
    columns,
    benchmarks.flatMap(({ title, comparisons }) =>
      comparisons.map(({ b, over, result }) => [
        comparisonTitle(title, over),
        `A, ${letter(b)}`,
        count(result.items.both),
        percent(result.headline.a),
        percent(result.headline.b),
        differenceText(result.headline),
        differenceText(result.lengthBalanced.strict),
        differenceText(result.credit),
        pValue(result.credit.test.p),
        result.mcNemar === null ? "n/a" : pValue(result.mcNemar.exactP),
        effectText(result),
      ]),
    ),
  );
}

/** What the columns of `headlineTable` are. */
export const headlineCaption =
  "A, B and Difference: the benchmark's headline (over pairs: strict accuracy). Length-balanced: difference of the mean strict accuracy on pairs whose better response is the longer and the shorter one. Credit: difference of what its rule gives item by item, over all common items; p of sign flips is of it. Other wins: of the items where they differ, those that the other run wins. Percent, other run less A, 95 % intervals over queries.";

/** A benchmark's name, with what is compared of it where that is not its own number. */
export function comparisonTitle(title: string, over: ComparedOver): string {
  return over === "pairs" ? `${title}, pairs` : title;
}

/** The benchmark's own sections side by side; `other` is the second run's letter. */
export function sectionTable({ sections }: RunComparison, other: string): Table {
  return table(
    ["Section", "#A", `#${other}`, "#Difference"],
    sections.map((section) => [section.name, percent(section.a), percent(section.b), differenceText(section)]),
  );
}

/** Items on which the runs disagree, at most `limit` of each side, the largest difference first. */
export function disagreementTable({ disagreements }: RunComparison, other: string, limit: number): Table {
  const row = ({ key, subset, a, b }: CreditDifference) => [key, subset, fixed(a), fixed(b)];
  const { aBetter, bBetter } = disagreements;
  return table(
    ["Item", "Subset", "#A", `#${other}`],
    [...bBetter.slice(0, limit).map(row), ...aBetter.slice(0, limit).map(row)],
    {
      caption: `${other} better on ${count(bBetter.length)} items, A better on ${count(aBetter.length)}. Credit under the benchmark's rule.`,
    },
  );
}

/** The letter of a run: `A` is the first. */
export function letter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `#${index + 1}`;
}

function differenceText({ a, b, difference }: PairedNumber): string {
  if (a === null || b === null) return "n/a";
  const points = signed(100 * (b - a));
  return difference === null ? points : `${points} [${signed(100 * difference.low)}, ${signed(100 * difference.high)}]`;
}

/** Of the items on which the runs differ, the share that the other run wins: 50 without a difference. */
function effectText({ disagreements }: RunComparison): string {
  const [a, b] = [disagreements.aBetter.length, disagreements.bBetter.length];
  return a + b === 0 ? "n/a" : `${percent(b / (a + b))} (${count(b)} of ${count(a + b)})`;
}
