import { Command, CommanderError, type OutputConfiguration } from "commander";
import { addBenchCommand } from "./commands/bench.ts";
import { addBenchReportCommands } from "./commands/bench-report.ts";
import { addBenchRunCommand } from "./commands/bench-run.ts";
import { addCriteriaCommand } from "./commands/criteria.ts";
import { addDataCommand } from "./commands/data.ts";
import { addDataCurateCommand } from "./commands/data-curate.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEngineCommand } from "./commands/engine.ts";
import { addJudgeCommand, addRankCommand } from "./commands/judge.ts";
import { addModelsCommand } from "./commands/models.ts";
import { addPromptsCommand } from "./commands/prompts.ts";
import { addTrainCommand } from "./commands/train.ts";
import { addTrainColdStartCommand } from "./commands/train-cold-start.ts";
import { addTrainColdStartTeacherCommand } from "./commands/train-cold-start-teacher.ts";
import { addTrainExportCommand } from "./commands/train-export.ts";
import { addTrainRlCommand } from "./commands/train-rl.ts";
import { addTrainSftCommand } from "./commands/train-sft.ts";
import { type CommandContext, commandContext } from "./context.ts";
import { packageVersion } from "./package-version.ts";
import type { Terminal } from "./terminal.ts";

/** The command line with all its commands. It throws `CommanderError` for bad usage, and after help. */
export function createProgram(context: CommandContext, output: OutputConfiguration = {}): Command {
  const program = new Command("cerm")
    .description(
      "Generative reward models: criteria from a query, evaluations of every response against them, rewards with reasons.",
    )
    .version(packageVersion())
    .showHelpAfterError("(see --help)")
    .configureOutput(output)
    .exitOverride();
  addJudgeCommand(program, context);
  addRankCommand(program, context);
  addCriteriaCommand(program, context);
  const bench = addBenchCommand(program, context);
  addBenchRunCommand(bench, context);
  addBenchReportCommands(bench, context);
  addEngineCommand(program, context);
  const train = addTrainCommand(program, context);
  addTrainColdStartTeacherCommand(addTrainColdStartCommand(train, context), context);
  addTrainSftCommand(train, context);
  addTrainRlCommand(train, context);
  addTrainExportCommand(train, context);
  const data = addDataCommand(program, context);
  addDataCurateCommand(data, context);
  addModelsCommand(program, context);
  addPromptsCommand(program, context);
  addDoctorCommand(program, context);
  return program;
}

/** Runs the command that `args` name and returns the exit code (see `commandContext`). */
export async function runProgram(args: string[], terminal: Terminal, output?: OutputConfiguration): Promise<number> {
  let exitCode = 0;
  const context = commandContext(terminal, (code) => {
    exitCode = code;
  });
  try {
    await createProgram(context, output).parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are fine; everything else commander refuses is bad usage.
    return error.exitCode === 0 ? 0 : 2;
  }
}
