import type { Command } from "commander";
import { integer } from "./option-values.ts";

/** Adds the options that say which model is trained, and on which server. */
export function addModelOptions(command: Command): Command {
  return command
    .optionsGroup("Model:")
    .option("--base-url <url>", "training server (default: the local engine, see cerm engine up)")
    .option("--base-model <name>", "base model, by the server's name (default: the only one it has)")
    .option("--model <folder>", "the base model's folder, for its tokenizer and chat template")
    .option("--adapter <path>", "weights to begin with: tinker://..., or the directory of a training run (its best)")
    .option("--rank <n>", "LoRA rank (default: 16)", integer(1));
}
