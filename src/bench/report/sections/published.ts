import { type Block, heading, tableBlock, text } from "../blocks.ts";
import { fixed, percent } from "../format.ts";
import type { Report } from "../report.ts";

/** The run's headlines between numbers that others have published. */
export function publishedSection({ benchmarks, run, notes }: Report): Block[] {
  const blocks = benchmarks.flatMap((benchmark): Block[] => {
    const score = benchmark.scores[benchmark.primary];
    const value = score?.headline.value ?? benchmark.pairwise?.accuracy.value ?? null;
    const own = {
      value: value === null ? null : 100 * value,
      row: [run.model, percent(value), score?.headline.name ?? "two orders", "this run"],
    };
    const others = benchmark.published.map((one) => ({
      value: one.value,
      row: [one.model, fixed(one.value, decimals(one.value)), one.what, one.source],
    }));
    if (others.length === 0) return [];
    const rows = [own, ...others].sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
    return [
      heading(3, benchmark.title),
      tableBlock(
        ["Model", "#Number", "What", "Source"],
        rows.map(({ row }) => row),
        { emphasised: [rows.indexOf(own)] },
      ),
    ];
  });
  if (blocks.length === 0) return [];
  const warning =
    notes.length > 0 ? " This run is not comparable with them as it stands: see the notes at the top." : "";
  return [
    heading(2, "Published numbers"),
    text(
      `As their sources state them, in percent; prompts, ways of judging and tie rules differ between them.${warning}`,
    ),
    ...blocks,
  ];
}

/** As many decimals as were printed, at least one. */
function decimals(value: number): number {
  return Math.max(1, (String(value).split(".")[1] ?? "").length);
}
