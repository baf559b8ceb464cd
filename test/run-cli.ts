import { runProgram } from "../src/cli/program.ts";
import type { Terminal } from "../src/cli/terminal.ts";

export interface CliResult {
  code: number;
  /** Lines of standard output. */
  out: string[];
  /** Lines of standard error. */
  notes: string[];
  /** Lines of standard output as JSON. */
  json: () => unknown[];
}

/** A terminal that keeps what is written. */
export function keptTerminal(options: Partial<Terminal> = {}) {
  const kept = { out: [] as string[], notes: [] as string[] };
  const terminal: Terminal = {
    print: async (line) => void kept.out.push(line),
    note: (line) => void kept.notes.push(line),
    interactive: false,
    progress: false,
    columns: 100,
    style: (_, text) => text,
    ...options,
  };
  return { ...kept, terminal };
}

/** Runs a command line in this process. */
export async function runCli(args: string[], options: Partial<Terminal> = {}): Promise<CliResult> {
  const { terminal, out, notes } = keptTerminal(options);
  const code = await runProgram(args, terminal, {
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void notes.push(text),
  });
  return { code, out, notes, json: () => out.map((line): unknown => JSON.parse(line)) };
}
