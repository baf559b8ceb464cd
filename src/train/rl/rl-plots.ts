import type { PlotSeries } from "../metrics/plot-table.ts";
import type { StepMetrics } from "./watch/step-metrics.ts";

/** What is plotted of a run, in this order. */
const plotted: [label: string, metric: string][] = [
  ["reward, criteria", "reward/criteria"],
  ["reward, chosen", "reward/chosen"],
  ["reward, rejected", "reward/rejected"],
  ["pair accuracy", "pairAccuracy"],
  ["held-out accuracy", "heldOut/accuracy"],
  ["length-balanced", "heldOut/lengthBalanced"],
  ["ties", "tieRate"],
  ["faults, criteria", "faults/criteria"],
  ["faults, evaluations", "faults/evaluation"],
  ["criteria", "criteria/count"],
  ["tokens, criteria", "tokens/criteria"],
  ["tokens, evaluations", "tokens/evaluation"],
  ["entropy", "entropy/evaluation"],
  ["KL to the start", "kl/reference"],
  ["KL sampler-trainer", "offPolicy/klAtStart"],
  ["highest ratio", "offPolicy/ratioMax"],
  ["gradient norm", "gradientNorm/mean"],
  ["tokens/s sampled", "rate/sampled"],
  ["tokens/s trained", "rate/trained"],
  ["engine busy", "busyShare"],
];

/** The series of a run's plots. */
export function rlPlots(lines: readonly StepMetrics[]): PlotSeries[] {
  return plotted.map(([label, metric]) => ({
    label,
    values: lines.map((line) => {
      const value = line[metric];
      return typeof value === "number" ? value : undefined;
    }),
  }));
}

/** One line about a step: `step 3/50 · reward 0.62 · pairs 0.71 · held out 0.680 (0.63 to 0.72) · length-balanced 0.610 · ...`. */
export function stepLine(line: StepMetrics, totalSteps: number): string {
  const number = (name: string, digits: number) => {
    const value = line[name];
    return typeof value === "number" ? value.toFixed(digits) : undefined;
  };
  const part = (label: string, text: string | undefined) => (text === undefined ? [] : [`${label} ${text}`]);
  const faults = number("faults/evaluation", 2);
  const accuracy = number("heldOut/accuracy", 3);
  const seconds = Object.entries(line).reduce(
    (sum, [name, value]) => (name.startsWith("seconds/") && typeof value === "number" ? sum + value : sum),
    0,
  );
  return [
    `step ${line.step}/${totalSteps}`,
    ...part("reward", number("reward/chosen", 2)),
    ...part("pairs", number("pairAccuracy", 2)),
    ...part("held out", accuracy && `${accuracy} (${number("heldOut/low", 2)} to ${number("heldOut/high", 2)})`),
    ...part("length-balanced", number("heldOut/lengthBalanced", 3)),
    ...part("faults", faults),
    ...part("KL", number("offPolicy/kl", 4)),
    ...(seconds > 0 ? [`${seconds.toFixed(1)} s`] : []),
  ].join(" · ");
}
