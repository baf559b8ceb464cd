import { join } from "node:path";
import { type Command, Option } from "commander";
import { InputError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { deriveSeed, seededRandom } from "../../core/random.ts";
import { shuffle } from "../../core/shuffle.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { openChatCodec } from "../../engines/tinker/index.ts";
import { userPacksDirectory } from "../../judge/open-judge.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { openTinker } from "../../tinker/open-tinker.ts";
import { savedWeightsPath } from "../../train/checkpoints/index.ts";
import { isShortPair } from "../../train/is-short-pair.ts";
import { overRecipe, parseTrainRecipe, readTrainRecipe } from "../../train/recipe/train-recipe.ts";
import {
  policyLosses,
  type Reduction,
  type RlProgress,
  rlRecipe,
  rlSettingsSchema,
  tinkerPolicyServer,
  trainRl,
} from "../../train/rl/index.ts";
import type { CommandContext } from "../context.ts";
import { addModelOptions } from "../model-options.ts";
import { collect, integer, nonNegative, positive } from "../option-values.ts";
import { packageVersion } from "../package-version.ts";
import { rlView } from "../rl-view.ts";
import { noteShortPairs } from "../short-pairs.ts";
import { findTrainingServer } from "../training-server.ts";

/** Options that are no setting and nothing that a recipe says. */
interface Flags extends Record<string, unknown> {
  out: string;
  set?: string[];
  json?: boolean;
}

/** Rules of reduction by the names that users know them by. */
const reductions: Record<"sum" | "mean", Reduction> = {
  sum: { tokens: "sum", sequences: "sum" },
  mean: { tokens: "mean-of-targets", sequences: "mean" },
};

/** `cerm train rl`, below the `train` command. */
export function addTrainRlCommand(train: Command, context: CommandContext): void {
  const command = train
    .command("rl")
    .summary("two-stage rollout RL: criteria and evaluations trained together")
    .description(
      "Trains a judge with two-stage rollout RL on preference pairs: it writes criteria, judges both responses by them, and learns from which scores rank the pair right. The same command continues a run that was ended.",
    )
    .argument("[recipe]", "settings by name (YAML); options win over it")
    .optionsGroup("Run:")
    .requiredOption("--out <folder>", "run directory: run.json, metrics.jsonl, samples.jsonl, checkpoints.json")
    .option("--data <path>", "preference pairs to train on, file or folder; repeat", collect)
    .option(
      "--max-pair-tokens <n>",
      "leave out pairs to train on that are longer, with the longer response",
      integer(1),
    )
    .option("--held-out <path>", "preference pairs to measure accuracy on; repeat", collect)
    .option("--held-out-limit <n>", "how many of them, drawn by the seed (default: all)", integer(1))
    .option("--set <name=value>", "any setting by its name in a recipe; repeat", collect)
    .option("--json", "the outcome as JSON");
  addModelOptions(command)
    .option("--pack <name>", "prompt pack (default: default)")
    .optionsGroup("Method:")
    .addOption(
      new Option(
        "--mode <mode>",
        "criteria once per query, per response, or none: one stage (default: unified)",
      ).choices(rlSettingsSchema.shape.mode.unwrap().options),
    )
    .option("--instances <n>", "pairs of a step (default: 64)", integer(1))
    .option("--steps <n>", "steps in all (default: one pass over the pairs)", integer(1))
    .option("--criteria-samples <n>", "lists of criteria of a pair (default: 4)", integer(1))
    .option("--evaluations <n>", "evaluations of each response by each list (default: 2)", integer(1))
    .addOption(new Option("--loss <name>", "policy loss (default: ppo)").choices(policyLosses))
    .option("--learning-rate <rate>", "highest learning rate (default: 2e-5)", positive)
    .option("--kl <beta>", "coefficient of the KL penalty to the weights it begins with (default: 0.001)", nonNegative)
    .option("--max-criteria-tokens <n>", "limit of a text of criteria (default: the pack's)", integer(1))
    .option("--max-evaluation-tokens <n>", "limit of an evaluation (default: the pack's)", integer(1))
    .option("--overlap", "sample the next step while this one is trained, on weights one step older")
    .addOption(
      new Option(
        "--control <change>",
        "break the link from rewards to advantages, to see that nothing is learned",
      ).choices(rlSettingsSchema.shape.control.unwrap().options),
    )
    .option("--seed <n>", "of the order of pairs and of all sampling (default: 0)", integer(0))
    .optionsGroup("Work:")
    .option("--concurrency <n>", "most requests to the sampler at a time (default: 64)", integer(1))
    .option("--token-budget <n>", "most padded tokens in one training call (default: 16384)", integer(1))
    .option("--evaluate-every <n>", "steps from one held-out evaluation to the next (default: 10)", integer(1))
    .option("--checkpoint-every <n>", "steps from one checkpoint to the next (default: 10)", integer(1))
    .option("--keep-last <n>", "checkpoints kept, the best apart (default: 2)", integer(1))
    .addOption(
      new Option("--reduction <how>", "how the server reduces a loss (default: measured at the start)").choices([
        "sum",
        "mean",
      ]),
    )
    .option("--calls-in-flight <n>", "training calls sent before the first is answered (default: 1)", integer(1))
    .option("--restarts <n>", "begin again at the last checkpoint when the server was lost (default: 3)", integer(0))
    .addHelpText(
      "after",
      `
Settings of a recipe, and of --set: ${[...Object.keys(rlRecipe.surroundings.shape), ...Object.keys(rlRecipe.settings.shape)].join(", ")}.

Example:
  $ cerm train rl --data train.jsonl --held-out held-out.jsonl --out runs/rl
  $ cerm train rl recipes/synthetic-rule/rl.yaml --out runs/synthetic-rule --set normalisation=sequence`,
    );
  command.action((file: string | undefined, flags: Flags) =>
    context.run((signal) => run(file, flags, context, signal)),
  );
}

async function run(
  file: string | undefined,
  flags: Flags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  const { out, json, set = [], ...given } = flags;
  const over = parseTrainRecipe({ ...given, ...Object.fromEntries(set.map(assignment)) }, rlRecipe);
  const recipe = file === undefined ? over : overRecipe(await readTrainRecipe(file, rlRecipe), over);
  const { settings, surroundings } = recipe;
  const {
    data,
    maxPairTokens,
    heldOut,
    heldOutLimit,
    pack,
    rank = 16,
    adapter,
    reduction,
    restarts = 3,
    ...rest
  } = surroundings;
  const { baseUrl: givenUrl, baseModel: givenModel, model, concurrency = 64, ...work } = rest;
  if (data === undefined) throw new InputError("name the preference pairs to train on: --data FILE", { field: "data" });
  const seed = rlSettingsSchema.shape.seed.parse(settings.seed);
  const all = await readPairs(data, signal);
  const held = heldOut === undefined ? [] : await readPairs(heldOut, signal);
  const drawn =
    heldOutLimit === undefined ? held : shuffle(held, seededRandom(deriveSeed(seed, 9))).slice(0, heldOutLimit);

  const say = (line: string) => terminal.note(line);
  const server = await findTrainingServer({ baseUrl: givenUrl, baseModel: givenModel, model }, { signal, say });
  const { baseUrl, baseModel, modelFolder } = server;
  const codec = await openChatCodec(modelFolder);
  const tokensOf = (messages: readonly Message[]) => codec.renderConversation(messages).tokens.length;
  const pairs = maxPairTokens === undefined ? all : all.filter((pair) => isShortPair(pair, maxPairTokens, tokensOf));
  noteShortPairs(terminal, { command: "train", short: pairs.length, read: all.length, maxTokens: maxPairTokens });
  const begin = adapter === undefined ? undefined : await savedWeightsPath(adapter);
  const connect = (opening?: AbortSignal) => openTinker({ baseUrl, tags: ["cerm train rl"], say }, opening);
  const modelsFile = join(out, "models.json");
  await using policy = tinkerPolicyServer({
    connect,
    codec,
    baseModel,
    rank,
    seed,
    adapter: begin,
    concurrency,
    modelsFile,
  });
  const progress = await trainRl({
    ...{ out, pairs, heldOut: drawn, settings, server: policy, concurrency, restarts, signal },
    ...work,
    pack: await loadPack(pack ?? "default", { userDirectory: userPacksDirectory() }),
    identity: { baseModel, rank, adapter: begin ?? null, tokenizer: codec.hash },
    about: { baseUrl, modelFolder, maxPairTokens },
    reduction: reduction && reductions[reduction],
    version: packageVersion(),
    ...rlView(terminal),
  });
  await terminal.print(json ? JSON.stringify({ out, ...progress }) : describe(progress, out));
  return 0;
}

/** `name=value`, the value as JSON where it is some, else as text. */
function assignment(text: string): [string, unknown] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InputError(`got ${JSON.stringify(text)}, expected name=value`, { field: "set" });
  const value = text.slice(equals + 1);
  try {
    return [text.slice(0, equals), JSON.parse(value)];
  } catch {
    return [text.slice(0, equals), value];
  }
}

async function readPairs(paths: string | string[], signal: AbortSignal): Promise<PreferencePair[]> {
  const pairs: PreferencePair[] = [];
  for await (const result of readPreferences(paths, { signal })) {
    if (!result.ok) throw result.error;
    if (result.pair !== undefined) pairs.push(result.pair);
  }
  return pairs;
}

function describe({ step, totalSteps, heldOut, best }: RlProgress, out: string): string {
  const accuracy =
    heldOut === undefined
      ? ""
      : `, held-out accuracy ${heldOut.toFixed(3)} (best ${best!.accuracy.toFixed(3)} after step ${best!.step})`;
  return `${step} of ${totalSteps} steps${accuracy} -> ${out}`;
}
