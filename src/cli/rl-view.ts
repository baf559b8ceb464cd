import { type RlProgress, rlPlots, type StepMetrics, stepLine } from "../train/rl/index.ts";
import { LivePlots } from "./live-plots.ts";
import type { Terminal } from "./terminal.ts";

/** Plots that are drawn in place for people, a line a step for everybody else. */
export function rlView(terminal: Terminal) {
  const lines: StepMetrics[] = [];
  const plots = terminal.progress ? new LivePlots() : undefined;
  const show = (progress: RlProgress) => {
    const last = lines.at(-1);
    if (last !== undefined) plots?.draw(stepLine(last, progress.totalSteps), rlPlots(lines));
  };
  return {
    onHistory: (history: StepMetrics[], progress: RlProgress) => {
      lines.splice(0, lines.length, ...history);
      if (history.length > 0) terminal.note(`train: going on after step ${progress.step} of ${progress.totalSteps}`);
      show(progress);
    },
    onStep: (line: StepMetrics, progress: RlProgress) => {
      lines.push(line);
      if (plots === undefined) terminal.note(`train: ${stepLine(line, progress.totalSteps)}`);
      else show(progress);
    },
    say: (line: string) => {
      plots?.erase();
      terminal.note(`train: ${line}`);
    },
  };
}
