import { groupBy } from "../../build-result.ts";
import { type Block, type Figure, heading, table, tableBlock, text } from "../blocks.ts";
import { barChart, heatMap } from "../charts/index.ts";
import { count, percent, percentWithInterval } from "../format.ts";
import {
  type BenchmarkReport,
  kindName,
  type PairwiseReport,
  type ReportScore,
  type RowReport,
  reportScores,
  type ScoreReport,
} from "../report.ts";

/** A benchmark's own table, its subsets with intervals, RM-Bench's matrices, and what could not be scored. */
export function numberBlocks(report: BenchmarkReport): Block[] {
  return [
    ...(report.pairwise === null ? [] : pairwiseBlocks(report, report.pairwise)),
    ...sectionsTable(report),
    ...furtherTables(report),
    ...subsetChart(report),
    ...styleMaps(report),
    ...unscoredTable(report),
  ];
}

function kindsOf({ scores }: BenchmarkReport): ReportScore[] {
  return reportScores.filter((kind) => scores[kind] !== undefined);
}

function sectionsTable(report: BenchmarkReport): Block[] {
  const kinds = kindsOf(report);
  const first = report.scores[kinds[0]!];
  if (first === undefined) return [];
  const headlines = kinds.map((kind) => {
    const { headline } = report.scores[kind]!;
    const numbers = [percentWithInterval(headline), "", "", "", count(headline.items)];
    return [`Headline: ${headline.name}`, kind, ...numbers];
  });
  const rows = first.sections.flatMap(({ name, items }, index) =>
    kinds.map((kind) => [name, kind, ...rowNumbers(report.scores[kind]!.sections[index]!), count(items)]),
  );
  const pairs = kinds.map((kind) => {
    const { strict, half, tieRate, count: all } = report.scores[kind]!.pairs;
    const numbers = [percentWithInterval(strict), percentWithInterval(half), percent(tieRate.value)];
    return [`All ${count(all)} pairs alike`, kind, "", ...numbers, count(report.items.done)];
  });
  return [
    text(
      `${tieRulesText(first)} Strict and half credit: the accuracy over pairs where equal scores earn nothing or one half, weighted as the number is.`,
    ),
    tableBlock(
      ["Section", "Score", "#Number", "#Strict", "#Half credit", "#Tie rate", "#Items"],
      [...headlines, ...rows, ...pairs],
      { emphasised: [...headlines.keys()] },
    ),
  ];
}

/** What equal scores earn in the numbers: one rule, or each with the numbers that it is of. */
function tieRulesText({ headline, sections }: ScoreReport): string {
  const rules = groupBy([{ ...headline, name: "the headline" }, ...sections], ({ tieRule }) => tieRule);
  if (rules.size === 1) return `Ties in the number, ${headline.tieRule}.`;
  const parts = [...rules].map(([rule, members]) => `in ${members.map(({ name }) => name).join(", ")}: ${rule}`);
  return `Ties in the number, ${parts.join("; ")}.`;
}

function rowNumbers({ value, strict, half, tieRate }: Pick<RowReport, "value" | "strict" | "half" | "tieRate">) {
  return [...[value, strict, half].map(percentWithInterval), percent(tieRate.value)];
}

function furtherTables({ scores, primary }: BenchmarkReport): Block[] {
  return (scores[primary]?.tables ?? []).flatMap(({ name, tieRule, columns, rows }) => {
    const title = name.charAt(0) + name.slice(1).toLowerCase();
    return [
      heading(3, title),
      text(`Of ${kindName(primary)}. Ties, ${tieRule}.`),
      tableBlock(
        ["", ...columns.map((column) => `#${column}`)],
        rows.map((row) => [row.name, ...row.values.map((value) => percent(value))]),
      ),
    ];
  });
}

function subsetChart(report: BenchmarkReport): Block[] {
  const kinds = kindsOf(report);
  const first = report.scores[kinds[0]!];
  if (first === undefined || first.subsets.length === 0) return [];
  const rows = first.subsets.map((subset, index) => ({
    label: `${subset.name} (${count(subset.items)})`,
    values: kinds.map((kind) => report.scores[kind]!.subsets[index]!.value),
  }));
  const chart = barChart({
    id: `${report.name}-subsets`,
    title: `${report.title}: subsets`,
    description: `Bars of the value of each subset by the benchmark's rule, with 95 % intervals, for ${kinds.map(kindName).join(" and ")}.`,
    series: kinds.map(kindName),
    rows,
  });
  const numbers = table(
    ["Subset", "Score", "#Value", "#Strict", "#Half credit", "#Tie rate", "#Items"],
    kinds.flatMap((kind) =>
      report.scores[kind]!.subsets.map((subset) => [subset.name, kind, ...rowNumbers(subset), count(subset.items)]),
    ),
  );
  const caption = "Subsets by the benchmark's own rule, with the number of items and 95 % intervals.";
  return [heading(3, "Subsets"), { kind: "figures", figures: [{ chart, caption, table: numbers }] }];
}

function styleMaps({ name, title, styles, primary }: BenchmarkReport): Block[] {
  if (styles.length === 0) return [];
  const labels = ["concise", "detailed", "markdown"];
  const figures = styles.map(
    ({ name: part, matrix, items }, index): Figure => ({
      chart: heatMap({
        id: `${name}-styles-${index}`,
        title: `${title}: styles, ${part}`,
        description: `Share of items in which the chosen response, in the style of the row, scores higher than the rejected one in the style of the column; ${part}.`,
        rows: { title: "chosen", labels },
        columns: { title: "rejected", labels },
        cells: matrix,
      }),
      caption: `${part}, ${count(items)} items`,
      table: table(
        ["Chosen", ...labels.map((style) => `#Rejected ${style}`)],
        labels.map((style, row) => [style, ...matrix[row]!.map((cell) => percent(cell))]),
      ),
    }),
  );
  return [
    heading(3, "Styles"),
    text(
      `Share of items in which the chosen response beats the rejected one, by style (${kindName(primary)}, ties earn nothing). Above the diagonal the rejected response is the fancier one (hard), below it the chosen one (easy).`,
    ),
    { kind: "figures", figures },
  ];
}

function unscoredTable(report: BenchmarkReport): Block[] {
  const score = report.scores[report.primary];
  if (score === undefined) return [];
  const { responses, of, items, rule, reasons } = score.unscored;
  if (responses === 0) return [heading(3, "Unscored"), text(`All ${count(of)} responses have a score.`)];
  return [
    heading(3, "Unscored"),
    text(
      `${count(responses)} of ${count(of)} responses, in ${count(items)} items, have no score. In the official number: ${rule}.`,
    ),
    tableBlock(
      ["Reason", "#Responses"],
      reasons.map(({ reason, count: times }) => [reason, count(times)]),
    ),
  ];
}

function pairwiseBlocks(report: BenchmarkReport, pairwise: PairwiseReport): Block[] {
  const rows = [
    ["Accuracy, both orders together", percentWithInterval(pairwise.accuracy)],
    ["The same where verdicts that cancel earn one half", percentWithInterval(pairwise.half)],
    ["Comparisons whose verdicts cancel", percent(pairwise.cancelled)],
    ["Accuracy, first order only", percent(pairwise.oneOrder)],
    ["Consistency: both orders agree", percent(pairwise.consistency)],
    ["Position bias: verdicts for the response shown first (50 without bias)", percent(pairwise.firstShare)],
    ["Shown first wins in both orders", percent(pairwise.alwaysFirst)],
    ["Shown second wins in both orders", percent(pairwise.alwaysSecond)],
    ["Comparisons", count(pairwise.comparisons)],
    ["Verdicts that are ties", count(pairwise.ties)],
    ["Verdicts that cannot be read", count(pairwise.unreadable)],
  ];
  const chart = barChart({
    id: `${report.name}-pairwise`,
    title: `${report.title}: pairwise accuracy of subsets`,
    description:
      "Bars of the share of comparisons decided right by both orders together, per subset, with 95 % intervals.",
    series: ["two orders"],
    rows: pairwise.subsets.map(({ name, comparisons, accuracy }) => ({
      label: `${name} (${count(comparisons)})`,
      values: [accuracy],
    })),
    reference: { value: 0.5, label: "coin" },
  });
  const numbers = table(
    ["Subset", "#Accuracy", "#Comparisons"],
    pairwise.subsets.map(({ name, comparisons, accuracy }) => [
      name,
      percentWithInterval(accuracy),
      count(comparisons),
    ]),
  );
  const caption = "Accuracy per subset, with the number of comparisons and 95 % intervals.";
  return [
    heading(3, "Pairwise judge"),
    text(
      "The judge saw two responses at once, in both orders. A verdict for the better one adds a point, one for the worse takes one; above zero is right.",
    ),
    tableBlock(["Measure", "#Value"], rows),
    // Where verdicts make scores, the chart of subsets shows the same.
    ...(report.scores.verdicts === undefined
      ? [{ kind: "figures" as const, figures: [{ chart, caption, table: numbers }] }]
      : []),
  ];
}
