import { CermError, InputError } from "../core/errors.ts";
import type { Terminal } from "./terminal.ts";

/** What commands are given: where to write, and a way to run that turns outcomes into exit codes. */
export interface CommandContext {
  terminal: Terminal;
  /**
   * Runs a command's work. The work returns the exit code; errors become messages and codes. `whenInterrupted` says what an
   * interrupt leaves, by default that what was done is kept.
   */
  run(work: (signal: AbortSignal) => Promise<number>, whenInterrupted?: string): Promise<void>;
}

/** Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 done but something is unscored, 130 interrupted. */
export function commandContext(terminal: Terminal, setExitCode: (code: number) => void): CommandContext {
  return {
    terminal,
    async run(work, whenInterrupted = "what was done is kept") {
      const interruption = new AbortController();
      let interrupts = 0;
      const interrupt = () => {
        // The first interrupt lets what is done be written; the second does not wait for it.
        if (++interrupts > 1) process.exit(130);
        interruption.abort(new Error("interrupted"));
      };
      process.on("SIGINT", interrupt);
      process.on("SIGTERM", interrupt);
      try {
        setExitCode(await work(interruption.signal));
      } catch (error) {
        if (interruption.signal.aborted) {
          terminal.note(`interrupted; ${whenInterrupted}`);
          setExitCode(130);
        } else setExitCode(report(error, terminal));
      } finally {
        process.off("SIGINT", interrupt);
        process.off("SIGTERM", interrupt);
      }
    },
  };
}

function report(error: unknown, terminal: Terminal): number {
  if (error instanceof CermError) {
    terminal.note(`error: ${error.message}`);
    return error instanceof InputError ? 2 : 1;
  }
  terminal.note(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return 1;
}
