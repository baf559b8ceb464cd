import { type Block, heading, type Table, table, tableBlock } from "../blocks.ts";
import { absent, count, fixed, percent, percentWithInterval } from "../format.ts";
import { type BenchmarkReport, kindName, type Report, type RunSummary, reportScores } from "../report.ts";

/** Notes and the headline numbers of all benchmarks. */
export function overviewSection({ notes, benchmarks, resampling }: Report): Block[] {
  const blocks: Block[] = [heading(2, "Results")];
  if (notes.length > 0) blocks.push({ kind: "notes", notes });
  blocks.push({ kind: "headlines", headlines: benchmarks.flatMap(headlines) });
  blocks.push({
    kind: "text",
    text: `Percent, with ${percent(resampling.level, 0)} % bootstrap intervals over queries (${count(resampling.resamples)} resamples, seed ${resampling.seed}). Hard scores are the numbers the judge wrote; expected scores are the means over the probabilities of the allowed numbers. Strict accuracy gives a tie nothing, half credit gives it one half. Length-balanced: the mean of the strict accuracies on pairs whose better response is the longer and the shorter one, so that length is worth nothing. An interval of no width says that all items came out alike, and little where they are few; a single item has none.`,
  });
  blocks.push({ kind: "table", table: overviewTable(benchmarks) });
  return blocks;
}

/** Headline, accuracies, ties and unscored responses: a row for each benchmark and kind of score. */
export function overviewTable(benchmarks: BenchmarkReport[]): Table {
  const names = [
    "Benchmark",
    "Score",
    "#Headline",
    "#Strict",
    "#Half credit",
    "#Length-balanced",
    "#Tie rate",
    "#Items",
    "#Unscored",
  ];
  return table(names, benchmarks.flatMap(overviewRows));
}

/** What was run. */
export function runSection({ run }: Report): Block[] {
  return [heading(2, "Run"), tableBlock(["Setting", "Value"], runRows(run))];
}

function headlines({ title, scores, pairwise, primary, items }: BenchmarkReport) {
  const score = scores[primary];
  if (score !== undefined)
    return [
      {
        name: title,
        value: percent(score.headline.value),
        detail: `${interval(score.headline)}, ${kindName(primary)}, ${itemCount(score.headline.items)}`,
      },
    ];
  if (pairwise === null) return [];
  return [
    {
      name: title,
      value: percent(pairwise.accuracy.value),
      detail: `${interval(pairwise.accuracy)}, two orders, ${itemCount(items.done)}`,
    },
  ];
}

function itemCount(items: number): string {
  return `${count(items)} ${items === 1 ? "item" : "items"}`;
}

function interval({ value, low, high }: { value: number | null; low: number | null; high: number | null }): string {
  if (value === null) return "not defined on these items";
  return low === null || high === null ? "no interval" : `${percent(low)} to ${percent(high)}`;
}

function overviewRows({ title, scores, pairwise, items }: BenchmarkReport): string[][] {
  const rows = reportScores.flatMap((kind) => {
    const score = scores[kind];
    if (score === undefined) return [];
    const { strict, half, tieRate } = score.pairs;
    const { balanced } = score.length;
    return [
      [
        title,
        kind,
        percentWithInterval(score.headline),
        percentWithInterval(strict),
        percentWithInterval(half),
        percentWithInterval(balanced.strict),
        percent(tieRate.value),
        score.headline.items === items.done
          ? count(items.done)
          : `${count(items.done)} (headline ${count(score.headline.items)})`,
        `${count(score.unscored.responses)} of ${count(score.unscored.of)}`,
      ],
    ];
  });
  // Verdicts on items of two responses have a row already.
  if (pairwise !== null && rows.length === 0)
    rows.push([
      title,
      "pairwise",
      ...[pairwise.accuracy, pairwise.accuracy, pairwise.half].map(percentWithInterval),
      absent,
      percent(pairwise.cancelled),
      count(items.done),
      `${count(pairwise.unreadable)} of ${count(2 * pairwise.comparisons)}`,
    ]);
  return rows;
}

function runRows(run: RunSummary): string[][] {
  return [
    ["Model", `${run.model} (engine ${run.engine})`],
    ["Prompt pack", run.pack ?? absent],
    ["Mode", run.mode],
    ["Score", run.score],
    ["Criteria samples, evaluations of each response per sample", `${run.criteriaSamples}, ${run.evaluations}`],
    ["Temperature, seed", `${fixed(run.temperature)}, ${run.seed}`],
    [
      "Limit",
      run.limit === null ? "none: all items" : `${count(run.limit)} items, a seeded sample stratified by subset`,
    ],
    ["Change of the responses", run.control ?? "none"],
    ["Begun, version", `${run.startedAt}, ${run.version}`],
    ...run.data.map(({ benchmark, file, bytes, sha256 }) => [
      `Data of ${benchmark}`,
      `${file}, ${count(bytes)} bytes, SHA-256 ${sha256}`,
    ]),
  ];
}
