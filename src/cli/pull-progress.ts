import { formatBytes } from "../engines/models/format-bytes.ts";
import type { PullProgress } from "../engines/models/pull-options.ts";
import { clearLine, type Terminal } from "./terminal.ts";

/** How commands tell about downloads and other things worth knowing: on standard error. */
export function pullProgress(terminal: Terminal): {
  say: (line: string) => void;
  onPullProgress: (progress: PullProgress) => void;
} {
  let drawnAt = 0;
  return {
    say: (line) => terminal.note(line),
    onPullProgress: ({ phase, file, doneBytes, totalBytes }) => {
      const finished = totalBytes > 0 && doneBytes >= totalBytes;
      if (!terminal.progress || (performance.now() - drawnAt < 100 && !finished)) return;
      drawnAt = performance.now();
      const share =
        totalBytes > 0 ? ` of ${formatBytes(totalBytes)} (${Math.floor((100 * doneBytes) / totalBytes)} %)` : "";
      const line =
        phase === "wait"
          ? `waiting for another process that pulls ${file}`
          : `${phase} ${file}: ${formatBytes(doneBytes)}${share}`;
      process.stderr.write(clearLine(true) + (finished ? "" : line));
    },
  };
}
