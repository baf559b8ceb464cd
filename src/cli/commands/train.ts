import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

/** `cerm train`, which `sft`, `rl` and `export` stand below. */
export function addTrainCommand(program: Command, _context: CommandContext): Command {
  return program
    .command("train")
    .summary("train a judge: cold start, two-stage rollout RL, export")
    .description(
      "Trains a judge on a Tinker server: cold start (SFT), two-stage rollout RL, and export of the adapter.",
    )
    .addHelpText("after", "\nExample:\n  $ cerm train rl --data pairs.jsonl --out runs/rl");
}
