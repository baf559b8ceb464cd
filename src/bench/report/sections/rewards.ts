import type { Calibration } from "../../analysis/calibration.ts";
import type { MarginBin } from "../../analysis/margin-bins.ts";
import { type Block, heading, table, tableBlock, text } from "../blocks.ts";
import { histogram, lineChart } from "../charts/index.ts";
import { count, type Estimate, fixed, percent, percentWithInterval } from "../format.ts";
import type { BenchmarkReport } from "../report.ts";

/** How far margins can be trusted, how rewards are distributed, and how far votes agree. */
export function rewardBlocks(report: BenchmarkReport): Block[] {
  const { calibration } = report;
  if (calibration === null) return [];
  return [...calibrationBlocks(report, calibration), ...distributionBlocks(report, calibration), ...voteBlocks(report)];
}

function calibrationBlocks({ name, title, primary }: BenchmarkReport, calibration: Calibration): Block[] {
  const { pairs, marginCorrelation } = calibration;
  const bins = calibration.equalCount.filter((bin) => bin.right !== null);
  if (bins.length === 0) return [];
  const chart = lineChart({
    id: `${name}-calibration`,
    title: `${title}: right as a function of the margin`,
    description: `Share of pairs whose higher score belongs to the better response, by the distance of the two scores, with 95 % intervals; ${bins.length} groups of about equal count.`,
    x: { label: `distance of the two ${primary} scores (mean of the group)`, format: (value) => fixed(value, 1) },
    y: { label: "right", format: (value) => percent(value, 0), domain: [0, 1] },
    intervals: "whisker",
    series: [
      {
        name: "right",
        points: bins.map(({ meanMargin, right }) => ({
          x: meanMargin!,
          y: right!.estimate,
          low: right!.low,
          high: right!.high,
        })),
      },
    ],
    reference: { value: 0.5, label: "coin" },
  });
  const caption = `How often the higher score is right, by the margin. Of ${count(pairs.count)} pairs ${count(pairs.ties)} are tied and ${count(pairs.unscored)} have an unscored side; neither is in the chart. Rank correlation of margin and being right: ${fixed(marginCorrelation)}.`;
  return [
    heading(3, "Margin calibration"),
    {
      kind: "figures",
      figures: [{ chart, caption, table: table(["Mean margin", "#Pairs", "#Right"], bins.map(meanMarginRow)) }],
    },
    tableBlock(["Margin", "#Pairs", "#Right"], calibration.fixed.map(marginRow)),
  ];
}

function meanMarginRow({ meanMargin, pairs, right }: MarginBin): string[] {
  return [fixed(meanMargin), count(pairs), percentWithInterval(estimateOf(right))];
}

function marginRow({ above, upTo, pairs, right }: MarginBin): string[] {
  const range = upTo === null ? `above ${fixed(above, 1)}` : `above ${fixed(above, 1)}, up to ${fixed(upTo, 1)}`;
  return [range, count(pairs), percentWithInterval(estimateOf(right))];
}

function estimateOf(right: MarginBin["right"]): Estimate {
  return { value: right?.estimate ?? null, low: right?.low ?? null, high: right?.high ?? null };
}

function distributionBlocks({ name, title, primary }: BenchmarkReport, { scores }: Calibration): Block[] {
  const bins = withoutGaps(scores.histogram);
  if (bins.length === 0) return [];
  const chart = histogram({
    id: `${name}-rewards`,
    title: `${title}: distribution of rewards`,
    description: `Number of responses by ${primary} score, in steps of ${scores.histogram[0]!.width}.`,
    bins,
    xLabel: `${primary} score`,
    xFormat: (value) => fixed(value, Number.isInteger(value) ? 0 : 1),
  });
  const rows = bins.map((bin) => [`${fixed(bin.low, 1)} to below ${fixed(bin.high, 1)}`, count(bin.count)]);
  const caption = `${count(scores.count)} scored responses; a score on the border of two steps counts in the upper one. ${count(scores.unscored)} responses have no score.`;
  return [
    heading(3, "Distribution of rewards"),
    { kind: "figures", figures: [{ chart, caption, table: table(["Score", "#Responses"], rows) }] },
  ];
}

/** The bins with the empty ones between them, so that distances in the chart are true. */
function withoutGaps(found: Calibration["scores"]["histogram"]): { low: number; high: number; count: number }[] {
  if (found.length === 0) return [];
  const { from: first, width } = found[0]!;
  const counts = new Map(found.map((bin) => [Math.round((bin.from - first) / width), bin.count]));
  const steps = Math.round((found.at(-1)!.from - first) / width) + 1;
  // A scorer with a wide scale of its own would give thousands of bins; they are put together.
  const merged = Math.ceil(steps / 60);
  return Array.from({ length: Math.ceil(steps / merged) }, (_, bin) => {
    const low = first + bin * merged * width;
    let sum = 0;
    for (let step = bin * merged; step < (bin + 1) * merged; step++) sum += counts.get(step) ?? 0;
    return { low, high: low + merged * width, count: sum };
  });
}

function voteBlocks({ votes }: BenchmarkReport): Block[] {
  if (votes === null) return [];
  return [
    heading(3, "Agreement between votes"),
    text(
      "Several evaluations of the same response. Alpha is Krippendorff's for interval data: 1 is agreement, 0 what chance gives.",
    ),
    tableBlock(
      ["Measure", "#Value"],
      [
        ["Alpha", fixed(votes.alpha)],
        ["Spread of votes within a response (score points)", fixed(votes.spreadWithin)],
        ["Pairs of votes that are equal (percent)", percent(votes.equal)],
        ["Pairs of votes at most 1 apart (percent)", percent(votes.withinOne)],
      ],
    ),
  ];
}
