import { join } from "node:path";
import { type Command, Option } from "commander";
import { InputError } from "../../core/errors.ts";
import { openChatCodec } from "../../engines/tinker/index.ts";
import { openTinker } from "../../tinker/open-tinker.ts";
import { savedWeightsPath } from "../../train/checkpoints/index.ts";
import { overRecipe, parseTrainRecipe, readTrainRecipe } from "../../train/recipe/train-recipe.ts";
import {
  learningRateSchedules,
  readConversations,
  type SftConversation,
  type SftProgress,
  sftRecipe,
  tinkerSftServer,
  tokenizeConversations,
  trainSft,
} from "../../train/sft/index.ts";
import type { CommandContext } from "../context.ts";
import { addModelOptions } from "../model-options.ts";
import { collect, integer, nonNegative, positive } from "../option-values.ts";
import { packageVersion } from "../package-version.ts";
import { Progress } from "../progress.ts";
import { findTrainingServer } from "../training-server.ts";

interface Flags extends Record<string, unknown> {
  out: string;
  json?: boolean;
}

/** `cerm train sft`, below the `train` command. */
export function addTrainSftCommand(train: Command, context: CommandContext): void {
  const command = train
    .command("sft")
    .summary("supervised fine-tuning: the cold start before RL")
    .description(
      "Trains a judge on conversations, with the loss on the assistant's turns alone. The same command continues a run that was ended, from its last checkpoint, with the same data in the same order.",
    )
    .argument("[recipe]", "settings by name (YAML); options win over it")
    .optionsGroup("Run:")
    .requiredOption("--out <folder>", "run directory: run.json, metrics.jsonl, checkpoints.json")
    .option("--data <file>", 'conversations: JSON Lines of {"id", "messages", "train"?}; repeat', collect)
    .option("--held-out <file>", "conversations to measure the loss on; repeat", collect)
    .option("--max-tokens <n>", "longest conversation (default: 4096, or the model's context)", integer(2))
    .addOption(
      new Option(
        "--too-long <what>",
        "longer ones end the command, or are left out and counted (default: refuse)",
      ).choices(["refuse", "drop"]),
    )
    .option("--json", "the outcome as JSON");
  addModelOptions(command)
    .optionsGroup("Method:")
    .option("--batch-size <n>", "conversations of a step (default: 64)", integer(1))
    .option("--epochs <n>", "passes over the data (default: 3)", integer(1))
    .option("--steps <n>", "steps in all (default: all epochs)", integer(1))
    .option(
      "--learning-rate <rate>",
      "highest learning rate (default: 1e-5, the method's for all weights; LoRA mostly wants ten times more or above)",
      positive,
    )
    .addOption(new Option("--schedule <name>", "after warm-up (default: cosine)").choices(learningRateSchedules))
    .option("--warmup <share>", "share of the steps over which the rate grows (default: 0.03)", nonNegative)
    .option("--final-share <share>", "what the rate falls to, of the highest (default: 0.1)", nonNegative)
    .option("--weight-decay <x>", "Adam's weight decay (default: 0)", nonNegative)
    .option("--seed <n>", "of the adapter's first weights and the order of the data (default: 0)", integer(0))
    .optionsGroup("Work:")
    .option("--token-budget <n>", "most padded tokens in one training call (default: 16384)", integer(1))
    .option(
      "--evaluate-every <n>",
      "steps from one measuring of the held-out loss to the next (default: 10 times in all)",
      integer(1),
    )
    .option("--checkpoint-every <n>", "steps from one checkpoint to the next (default: as often)", integer(1))
    .option("--keep-last <n>", "checkpoints kept, the best apart (default: 2)", integer(1))
    .option("--restarts <n>", "begin again at the last checkpoint when the server was lost (default: 3)", integer(0))
    .addHelpText(
      "after",
      `
Settings of a recipe: ${[...Object.keys(sftRecipe.surroundings.shape), ...Object.keys(sftRecipe.settings.shape)].join(", ")}.

Example:
  $ cerm train sft --data train.jsonl --held-out held-out.jsonl --learning-rate 2e-4 --out runs/sft
  $ cerm train sft recipes/mini/sft.yaml --out runs/mini/sft`,
    );
  command.action((file: string | undefined, flags: Flags) =>
    context.run((signal) => run(file, flags, context, signal)),
  );
}

async function run(
  file: string | undefined,
  { out, json, ...given }: Flags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const over = parseTrainRecipe(given, sftRecipe);
  const recipe = file === undefined ? over : overRecipe(await readTrainRecipe(file, sftRecipe), over);
  const { settings, surroundings } = recipe;
  const { data, heldOut, maxTokens, tooLong = "refuse", rank = 16, adapter, restarts = 3, ...rest } = surroundings;
  const { baseUrl: givenUrl, baseModel: givenModel, model, ...work } = rest;
  if (data === undefined) throw new InputError("name the conversations to train on: --data FILE", { field: "data" });
  const train = await readAll([data].flat(), signal);
  const held = heldOut === undefined ? undefined : await readAll([heldOut].flat(), signal);

  const say = (line: string) => terminal.note(line);
  const server = await findTrainingServer({ baseUrl: givenUrl, baseModel: givenModel, model }, { signal, say });
  const { baseUrl, baseModel, modelFolder } = server;
  const codec = await openChatCodec(modelFolder);
  const longest = Math.min(maxTokens ?? 4096, codec.contextTokens ?? Number.POSITIVE_INFINITY);
  const examplesOf = (name: string, from: { file: string; conversations: SftConversation[] }) => {
    const tokenize = (messages: SftConversation["messages"]) => codec.renderConversation(messages);
    const made = tokenizeConversations(from.conversations, { tokenize, maxTokens: longest, tooLong, file: from.file });
    const tokens = made.examples.reduce((sum, one) => sum + one.tokens.length, 0);
    const without = made.dropped.length === 0 ? "" : `; ${made.dropped.length} with more than ${longest} left out`;
    terminal.note(`sft: ${name}: ${made.examples.length} conversations, ${tokens} tokens${without}`);
    return made.examples;
  };
  const examples = examplesOf("train", train);
  const heldExamples = held && examplesOf("held-out", held);
  const begin = adapter === undefined ? undefined : await savedWeightsPath(adapter);
  const seed = sftRecipe.settings.shape.seed.parse(settings.seed);

  await using trained = tinkerSftServer({
    connect: () => openTinker({ baseUrl, tags: ["cerm train sft"], say }, signal),
    ...{ baseModel, rank, seed, modelsFile: join(out, "models.json"), signal },
  });
  const progress = new Progress("sft", { enabled: terminal.progress });
  let end: SftProgress;
  try {
    end = await trainSft({
      ...{ out, train: examples, heldOut: heldExamples, settings, begin, restarts, signal },
      openTrainer: trained.openTrainer,
      deleteWeights: trained.deleteWeights,
      ...work,
      identity: { baseModel, rank, tokenizer: codec.hash },
      about: { baseUrl, modelFolder, data: train.file, heldOut: held?.file },
      version: packageVersion(),
      say: (line) => terminal.note(`sft: ${line}`),
      onStep: (state) => {
        progress.done = state.step - state.resumedAt;
        progress.total = state.totalSteps - state.resumedAt;
        progress.note = stateNote(state);
        if (!terminal.progress)
          terminal.note(`sft: step ${state.step} of ${state.totalSteps}${prefixed(progress.note)}`);
      },
    });
  } finally {
    progress.stop();
  }
  await terminal.print(json ? JSON.stringify({ out, ...end }) : describe(end, out));
  return 0;
}

async function readAll(
  files: string[],
  signal: AbortSignal,
): Promise<{ file: string; conversations: SftConversation[] }> {
  const lists = await Promise.all(files.map((file) => readConversations(file, { signal })));
  return { file: files.join(", "), conversations: lists.flat() };
}

/** `loss 1.234 · held-out 1.301 · 85 tokens/s` */
function stateNote({ loss, heldOutLoss, tokensPerSecond }: SftProgress): string {
  return [
    ...(loss === undefined ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(heldOutLoss === undefined ? [] : [`held-out ${heldOutLoss.toFixed(3)}`]),
    ...(tokensPerSecond === undefined ? [] : [`${tokensPerSecond.toFixed(0)} tokens/s`]),
  ].join(" · ");
}

function prefixed(note: string): string {
  return note === "" ? "" : ` · ${note}`;
}

function describe(end: SftProgress, out: string): string {
  const { step, totalSteps, loss, heldOutLoss } = end;
  return `${step} of ${totalSteps} steps${prefixed(stateNote({ step, totalSteps, resumedAt: 0, loss, heldOutLoss }))} -> ${out}`;
}
