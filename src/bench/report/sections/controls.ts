import { type Block, heading, tableBlock, text } from "../blocks.ts";
import { absent, count, percent, percentWithInterval, signed } from "../format.ts";
import { type BenchmarkReport, kindName, type ReportScore, type ShiftReport } from "../report.ts";
import { lengthBlocks } from "./length.ts";

/** What judges without knowledge get on the same items, how much of the scores is length, and what cosmetics do. */
export function controlBlocks(report: BenchmarkReport): Block[] {
  const { controls, shifts, scores, primary } = report;
  const score = scores[primary];
  if (score === undefined) return [];
  const rows = [
    [
      "this run",
      percentWithInterval(score.headline),
      percentWithInterval(score.pairs.strict),
      percentWithInterval(score.pairs.half),
    ],
    ...controls.map(({ name, headline, strict, half }) => [
      name,
      percentWithInterval(headline),
      percentWithInterval(strict),
      percentWithInterval(half),
    ]),
  ];
  return [
    heading(3, "Controls"),
    text(
      `Judges that know nothing, on the same items (${kindName(primary)}). For shuffled labels: the mean over shuffles of the scores within each item, and the range of 95 % of them.`,
    ),
    tableBlock(["Judge", "#Headline", "#Strict", "#Half credit"], rows, { emphasised: [0] }),
    ...lengthBlocks(report),
    ...shiftBlocks(shifts, primary),
  ];
}

function shiftBlocks(shifts: ShiftReport[], primary: ReportScore): Block[] {
  if (primary === "verdicts") return [];
  if (shifts.length === 0)
    return [
      heading(3, "Cosmetic changes"),
      text("Not measured: the run has no items that were judged again with changed responses (--cosmetic-items)."),
    ];
  const rows = shifts.map(({ control, shift, headline }) => [
    control,
    shift.interval === null
      ? signed(shift.mean, 2)
      : `${signed(shift.mean, 2)} [${signed(shift.interval.low, 2)}, ${signed(shift.interval.high, 2)}]`,
    percent(shift.rose),
    percent(shift.fell),
    percent(shift.flips),
    percent(shift.overtakes),
    headline.before === null ? absent : `${percent(headline.before)} to ${percent(headline.after)}`,
    count(shift.responses),
  ]);
  return [
    heading(3, "Cosmetic changes"),
    text(
      "The same responses, of all items or a sample of them, with changes in form only. Shift is the mean change of the score in points; flips are pairs whose order turned round when both were changed; overtakes are pairs whose lower response, changed alone, would pass the higher one.",
    ),
    tableBlock(["Change", "#Shift", "#Rose", "#Fell", "#Flips", "#Overtakes", "#Headline", "#Responses"], rows),
  ];
}
