import type { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { runDoctor } from "../doctor.ts";
import { addEngineOptions, type EngineFlags, engineOptions } from "../options.ts";

/** `cerm doctor`: is everything there, and what to do if not. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("doctor")
    .summary("check the machine, the model and the engine")
    .description(
      "Checks the machine, the model and the engine with one small request, and says what to do where something is wrong. Downloads nothing.",
    )
    .option("--json", "as JSON")
    .option("--store <url>", "the store to check");
  addEngineOptions(command)
    .addHelpText("after", "\nExample:\n  $ cerm doctor\n  $ cerm doctor --base-url http://localhost:8000/v1")
    .action((flags: EngineFlags & { json?: boolean; store?: string }) =>
      context.run(async (signal) => {
        const { config, ...options } = await engineOptions(flags);
        return runDoctor(
          { ...options, store: flags.store ?? config.store, json: flags.json, signal },
          context.terminal,
        );
      }),
    );
}
