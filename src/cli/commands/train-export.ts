import { type Command, InvalidArgumentError, Option } from "commander";
import type { CheckpointChoice } from "../../train/checkpoints/index.ts";
import { type ExportFormat, exportAdapter } from "../../train/export/index.ts";
import type { CommandContext } from "../context.ts";
import { packageVersion } from "../package-version.ts";
import { Progress } from "../progress.ts";

interface ExportFlags {
  format: ExportFormat;
  out: string;
  base?: string;
  checkpoint?: CheckpointChoice;
  baseUrl?: string;
  type?: "f16" | "f32";
  json?: boolean;
}

/** `cerm train export`. */
export function addTrainExportCommand(train: Command, context: CommandContext): void {
  train
    .command("export")
    .description(
      "Writes a trained adapter with a model card: as a PEFT folder, as a GGUF adapter for the embedded engine (families llama and qwen3), or merged into its base model.",
    )
    .argument(
      "<run-or-checkpoint>",
      "directory of a training run, tinker:// path, checkpoint archive (tar.gz) or PEFT folder",
    )
    .addOption(
      new Option("--format <format>", "what to write").choices(["peft", "gguf", "merged"]).makeOptionMandatory(),
    )
    .requiredOption("--out <folder>", "where to write it")
    .option("--base <path>", "the base model's folder, or for gguf its GGUF file (default: where it was trained from)")
    .option("--checkpoint <which>", "of a run: best, last, or a step (default: best, where measured)", checkpointChoice)
    .option(
      "--base-url <url>",
      "the server that holds the weights (default: the local engine's files, else the run's server)",
    )
    .addOption(new Option("--type <type>", "numbers of a GGUF adapter (default: f16)").choices(["f16", "f32"]))
    .option("--json", "what was written, as JSON")
    .addHelpText(
      "after",
      `
Example:
  $ cerm train export runs/judge --format gguf --out judge-lora
  $ cerm train export tinker://model_1/sampler_weights/step-10 --format merged --base ./base --out judge`,
    )
    .action((source: string, flags: ExportFlags) => context.run((signal) => runExport(source, flags, context, signal)));
}

async function runExport(
  source: string,
  { type, json, ...flags }: ExportFlags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const progress = new Progress("merge", { enabled: terminal.progress && flags.format === "merged" });
  try {
    const result = await exportAdapter({
      ...{ ...flags, source, signal, env: process.env, version: packageVersion() },
      ...(type !== undefined && { type: type === "f32" ? "F32" : "F16" }),
      onProgress: (done, total) => Object.assign(progress, { done, total }),
    });
    await terminal.print(
      json ? JSON.stringify(result) : `${result.files.map((file) => `${flags.out}/${file}`).join("\n")}`,
    );
    return 0;
  } finally {
    progress.stop();
  }
}

function checkpointChoice(value: string): CheckpointChoice {
  if (value === "best" || value === "last") return value;
  const step = Number(value);
  if (value.trim() === "" || !Number.isSafeInteger(step) || step < 0)
    throw new InvalidArgumentError("Expected best, last or the number of a step.");
  return step;
}
