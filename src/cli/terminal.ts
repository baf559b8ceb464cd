import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where commands write, and whether people or programs read it. */
export interface Terminal {
  /** One line to standard output. Waits while the reader is slower. */
  print(line: string): Promise<void>;
  /** One line to standard error. */
  note(line: string): void;
  /** Standard output goes to a person. */
  readonly interactive: boolean;
  /** Standard error goes to a person. */
  readonly progress: boolean;
  readonly columns: number;
  style(style: Style, text: string): string;
}

/** The process's own terminal. */
export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  const colour = stdout.isTTY === true && process.env.NO_COLOR === undefined;
  return {
    async print(line) {
      if (!stdout.write(`${clearLine(stdout.isTTY && stderr.isTTY)}${line}\n`))
        await new Promise<void>((resolve) => stdout.once("drain", () => resolve()));
    },
    note: (line) => {
      stderr.write(`${clearLine(stderr.isTTY)}${line}\n`);
    },
    interactive: stdout.isTTY === true,
    progress: stderr.isTTY === true,
    columns: Math.max(40, Math.min(stdout.columns ?? 100, 140)),
    style: (style, text) => (colour ? styleText(style, text) : text),
  };
}

/** Removes a progress line that stands where text will be written. */
export function clearLine(isTerminal: boolean | undefined): string {
  return isTerminal ? "\r\u001b[K" : "";
}
