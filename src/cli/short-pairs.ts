import { InputError } from "../core/errors.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Says how many of the pairs that were read `--max-pair-tokens` left, where it left not all; `command` begins the line.
 * Throws `InputError` where it left none.
 */
export function noteShortPairs(
  terminal: Pick<Terminal, "note">,
  { command, short, read, maxTokens }: { command: string; short: number; read: number; maxTokens?: number },
): void {
  if (short === read) return;
  if (short === 0)
    throw new InputError(`none of ${read} pairs has at most ${maxTokens} tokens`, { field: "max-pair-tokens" });
  terminal.note(`${command}: ${short} of ${read} pairs have at most ${maxTokens} tokens`);
}
