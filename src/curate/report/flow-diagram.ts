import { chartFrame, cut, label, round } from "../../bench/report/charts/frame.ts";
import { count } from "../../bench/report/format.ts";
import { Markup, markup } from "../../bench/report/markup.ts";
import type { CurateReport } from "./report.ts";

const [width, left, river, right] = [800, 170, 220, 450];
const [top, step, end] = [34, 52, 64];
/** Reasons that stand beside a stage. */
const shownReasons = 2;

/** Where the rows went: a stream that is as wide as there are rows, and what every stage led off. */
export function flowDiagram({ stages, splits, name }: CurateReport): Markup {
  const most = Math.max(1, stages[0]?.before ?? 1);
  const wide = (rows: number) => (river * rows) / most;
  const steps = stages.filter((stage, index) => index === 0 || stage.name !== "split");
  const bottom = top + steps.length * step;
  const after = steps.at(-1)?.after ?? 0;
  return chartFrame(
    {
      id: "flow",
      title: "Where the rows went",
      description: `Of ${count(most)} rows of the inputs, ${count(after)} are in ${name}. ${steps
        .map((stage) => `${stage.name} dropped ${count(stage.before - stage.after)}`)
        .join(", ")}.`,
    },
    width,
    bottom + end + 20,
    [
      label(left + wide(most) / 2, top - 12, `${count(most)} rows`, "value", "middle"),
      steps.map((stage, index) => {
        const y = top + index * step;
        const [before, now] = [wide(stage.before), wide(stage.after)];
        const dropped = stage.before - stage.after;
        return [
          label(left - 12, y + 22, stage.name, "", "end"),
          label(left - 12, y + 38, count(stage.after), "tick value", "end"),
          ribbon([left, y, now], [left, y + step, now], "kept", `${stage.name}: ${count(stage.after)} stay`),
          dropped > 0 && leaving(stage, y, now, before),
        ];
      }),
      splits.map(({ split, rows }, index) => {
        const before = splits.slice(0, index).reduce((sum, one) => sum + one.rows, 0);
        const x = left + index * ((right - left + 120) / Math.max(1, splits.length));
        return [
          ribbon(
            [left + wide(before), bottom, wide(rows)],
            [x, bottom + end - 22, wide(rows)],
            "split",
            `${split}: ${count(rows)}`,
          ),
          label(x, bottom + end, `${split} ${count(rows)}`, "value"),
        ];
      }),
    ],
  );
}

function leaving(stage: CurateReport["stages"][number], y: number, now: number, before: number): Markup[] {
  const dropped = stage.before - stage.after;
  const thick = Math.max(1, before - now);
  // Thin enough for the row that it stands in; how many they are stands beside it.
  const shown = Math.min(thick, step - 16);
  const from = { x: left + now, y };
  const to = { x: right, y: y + 26 - shown / 2 };
  const path = `M${round(from.x)} ${round(from.y)}H${round(from.x + thick)}C${round(from.x + thick)} ${round(to.y)} ${round(right - 60)} ${round(to.y)} ${right} ${round(to.y)}V${round(to.y + shown)}C${round(right - 90)} ${round(to.y + shown)} ${round(from.x)} ${round(to.y + shown)} ${round(from.x)} ${round(from.y)}Z`;
  const reasons = stage.reasons.slice(0, shownReasons);
  const more = stage.reasons.length - reasons.length;
  const lines = reasons.map(({ reason, rows }) => `${count(rows)} ${reason}`);
  if (more > 0) lines[lines.length - 1] += `, ${more} more`;
  return [
    markup`<path d="${new Markup(path)}" class="dropped"><title>${stage.name}: ${count(dropped)} dropped</title></path>`,
    ...(lines.length === 0 ? [`${count(dropped)} dropped`] : lines).map((line, index, all) =>
      label(right + 8, y + 30 + 15 * (index - (all.length - 1) / 2), cut(line, 50), "tick"),
    ),
  ];
}

/** A band between two horizontal edges, each `[x, y, width]`. */
function ribbon(
  [x1, y1, width1]: [number, number, number],
  [x2, y2, width2]: [number, number, number],
  kind: string,
  title: string,
): Markup {
  const middle = (y1 + y2) / 2;
  const [w1, w2] = [Math.max(1, width1), Math.max(1, width2)];
  const path = `M${round(x1)} ${y1}H${round(x1 + w1)}C${round(x1 + w1)} ${middle} ${round(x2 + w2)} ${middle} ${round(x2 + w2)} ${y2}H${round(x2)}C${round(x2)} ${middle} ${round(x1)} ${middle} ${round(x1)} ${y1}Z`;
  return markup`<path d="${new Markup(path)}" class="${kind}"><title>${title}</title></path>`;
}
