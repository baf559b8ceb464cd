import { type Block, heading, table, tableBlock, text } from "../../bench/report/blocks.ts";
import { barChart } from "../../bench/report/charts/index.ts";
import { count, percent } from "../../bench/report/format.ts";
import { compareHistogram } from "./compare-histogram.ts";
import { flowDiagram } from "./flow-diagram.ts";
import type { CurateReport, Distribution, Kind } from "./report.ts";

/** Kinds that a chart shows; the table beside it has them all. */
const shownKinds = 12;

/** The report in pieces, in the order in which it is read. */
export function reportBlocks(report: CurateReport): Block[] {
  return [
    ...summary(report),
    ...flow(report),
    ...inputs(report),
    heading(2, "Before and after"),
    ...lengths(report),
    ...bias(report),
    ...kindBlocks("Sources", "source", report.sources),
    ...kindBlocks("Domains", "domain", report.domains),
    ...kindBlocks("Turns", "turns", report.turns),
    ...strength(report),
  ];
}

function summary({ stages, splits, inputs, hash, description }: CurateReport): Block[] {
  const [first, last] = [stages[0]!, stages.at(-1)!];
  return [
    ...(description === null ? [] : [text(description)]),
    {
      kind: "headlines",
      headlines: [
        {
          name: "Pairs",
          value: count(last.after),
          detail: `of ${count(first.after)} in ${inputs.length === 1 ? "one input" : `${inputs.length} inputs`}`,
        },
        ...splits.map(({ split, rows, clusters }) => ({
          name: split,
          value: count(rows),
          detail: clusters === null ? "rows" : `in ${count(clusters)} clusters of prompts`,
        })),
      ],
    },
    text(`Hash of the output: ${hash}`),
  ];
}

function flow(report: CurateReport): Block[] {
  const rows = report.stages.flatMap(({ name, before, after, reasons, notes }) => [
    [name, count(before), count(after), count(before - after), ""],
    ...notes.map((note) => ["", "", "", "", note]),
    ...reasons.map(({ reason, rows: dropped }) => ["", "", "", count(dropped), reason]),
  ]);
  const columns = ["Stage", "#Before", "#After", "#Dropped", ""];
  return [
    heading(2, "What went where"),
    {
      kind: "figures",
      figures: [
        {
          chart: flowDiagram(report),
          caption: "The stream is as wide as there are rows; what a stage drops leaves to the right.",
          table: table(columns, rows),
        },
      ],
    },
    heading(3, "Stages"),
    tableBlock(columns, rows, { emphasised: rows.flatMap(([name], index) => (name === "" ? [] : [index])) }),
  ];
}

function inputs(report: CurateReport): Block[] {
  const rows = report.inputs.map(({ name, licence, files, pairs, none, broken }) => [
    name,
    licence ?? "not named",
    String(files.length),
    count(none.reduce((sum, one) => sum + one.rows, 0)),
    count(broken),
    count(pairs.before),
    count(pairs.after),
  ]);
  const faults = report.inputs.flatMap((input) => input.faults.map((fault) => `${input.name}: ${fault}`));
  const caveats = report.inputs.flatMap(({ name, caveat }) => (caveat === null ? [] : [`${name}: ${caveat}`]));
  return [
    heading(2, "Inputs"),
    tableBlock(["Input", "Licence", "#Files", "#Rows without a pair", "#Broken", "#Pairs", "#Kept"], rows),
    ...(caveats.length === 0 ? [] : [{ kind: "notes" as const, notes: caveats }]),
    ...(faults.length === 0
      ? []
      : [heading(3, "What could not be read"), { kind: "notes" as const, notes: faults.slice(0, 20) }]),
  ];
}

function lengths({ lengths: found }: CurateReport): Block[] {
  const titles = { prompt: "Prompts", chosen: "Chosen responses", rejected: "Rejected responses" };
  return Object.entries(titles).flatMap(([part, title]): Block[] => {
    const distribution = found[part as keyof typeof found];
    if (distribution.bins.length === 0) return [];
    return [
      heading(3, `Length: ${title.toLowerCase()}`),
      histogramBlock(`lengths-${part}`, `${title} by length`, distribution, "characters", count),
    ];
  });
}

function histogramBlock(
  id: string,
  title: string,
  distribution: Distribution,
  xLabel: string,
  xFormat: (value: number) => string,
): Block {
  const rows = distribution.bins.map(({ low, high, before, after }) => [
    `${xFormat(low)} to ${xFormat(high)}`,
    count(before),
    count(after),
  ]);
  const description = `Shares of rows by ${xLabel}, before and after curation, in ${rows.length} ranges.`;
  return {
    kind: "figures",
    figures: [
      {
        chart: compareHistogram({ id, title, description, distribution, xLabel, xFormat }),
        caption: `${title} (${xLabel}): shares of all pairs that were read, and of those that stay.`,
        table: table([xLabel, "#Before", "#After"], rows),
      },
    ],
  };
}

function bias({ lengthBias }: CurateReport): Block[] {
  const share = ({ chosen, rejected }: { chosen: number; rejected: number }) =>
    chosen + rejected === 0 ? null : chosen / (chosen + rejected);
  const all = (side: "before" | "after") =>
    share({
      chosen: lengthBias.reduce((sum, bin) => sum + bin[side].chosen, 0),
      rejected: lengthBias.reduce((sum, bin) => sum + bin[side].rejected, 0),
    });
  const shown = lengthBias.filter(({ before }) => before.chosen + before.rejected >= 20);
  if (shown.length === 0) return [];
  const estimate = (value: number | null) => ({ value, low: null, high: null });
  const rows = [
    { label: "all", values: [all("before"), all("after")] },
    ...shown.map((bin) => ({
      label: `${count(bin.low)} to ${count(bin.high)}`,
      values: [share(bin.before), share(bin.after)],
    })),
  ];
  return [
    heading(3, "Length bias"),
    {
      kind: "figures",
      figures: [
        {
          chart: barChart({
            id: "length-bias",
            title: "Share of pairs whose chosen response is the longer one",
            description: `By characters of the longer response; overall ${percent(all("before"))} % before and ${percent(all("after"))} % after.`,
            series: ["before", "after"],
            rows: rows.map(({ label, values }) => ({ label, values: values.map(estimate) })),
            reference: { value: 0.5, label: "half" },
          }),
          caption:
            "Share of pairs, in percent, whose chosen response is the longer one, by characters of the longer response.",
          table: table(
            ["Characters", "#Before (%)", "#After (%)"],
            rows.map(({ label, values }) => [label, ...values.map((value) => percent(value))]),
          ),
        },
      ],
    },
  ];
}

function kindBlocks(title: string, word: string, kinds: readonly Kind[]): Block[] {
  if (kinds.length < 2) return [];
  const totals = {
    before: kinds.reduce((sum, kind) => sum + kind.before, 0),
    after: kinds.reduce((sum, kind) => sum + kind.after, 0),
  };
  const share = (kind: Kind, side: "before" | "after") => (totals[side] === 0 ? null : kind[side] / totals[side]);
  const shown = kinds.slice(0, shownKinds);
  return [
    heading(3, title),
    {
      kind: "figures",
      figures: [
        {
          chart: barChart({
            id: `kinds-${word}`,
            title: `Shares by ${word}`,
            description: `Shares of rows by ${word}, before and after curation.`,
            series: ["before", "after"],
            rows: shown.map((kind) => ({
              label: kind.name,
              values: (["before", "after"] as const).map((side) => ({
                value: share(kind, side),
                low: null,
                high: null,
              })),
            })),
          }),
          caption: `Share of rows in percent by ${word}${kinds.length > shown.length ? `: the ${shown.length} largest of ${count(kinds.length)}` : ""}.`,
          table: table(
            [title, "#Before", "#After"],
            kinds.slice(0, 200).map((kind) => [kind.name, count(kind.before), count(kind.after)]),
          ),
        },
      ],
    },
  ];
}

function strength({ strength: found }: CurateReport): Block[] {
  if (found === null) return [];
  return [
    heading(3, "Strength of the preference"),
    histogramBlock("strength", "Pairs by strength", found, "0 to 1", (value) => value.toFixed(1)),
  ];
}
