import type { Command } from "commander";
import type { Message } from "../../core/message.ts";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { openJudge } from "../../judge/open-judge.ts";
import { conversationTokens } from "../../train/cold-start/conversation-tokens.ts";
import type { SetReport } from "../../train/cold-start/set-report.ts";
import { teach } from "../../train/cold-start/teacher/teach.ts";
import { describeYields } from "../../train/cold-start/yields.ts";
import { isShortPair } from "../../train/is-short-pair.ts";
import type { CommandContext } from "../context.ts";
import { integer } from "../option-values.ts";
import { addJudgeOptions, type JudgeFlags, judgeOptions } from "../options.ts";
import { addPreferenceOptions, type PreferenceFlags, preferenceOptions } from "../preference-options.ts";
import { Progress } from "../progress.ts";
import { pullProgress } from "../pull-progress.ts";
import { noteShortPairs } from "../short-pairs.ts";
import { addSetOptions, describeSet, type SetFlags, setOptions } from "./train-cold-start.ts";

type Flags = JudgeFlags & SetFlags & PreferenceFlags & { perPair?: number; maxPairTokens?: number; seed?: number };

/** `cerm train cold-start teacher`, below the `cold-start` command. */
export function addTrainColdStartTeacherCommand(coldStart: Command, context: CommandContext): void {
  const command = coldStart
    .command("teacher")
    .summary("by a judge whose answers rank preference pairs right")
    .description(
      "Lets a judge write criteria for preference pairs and evaluate both responses, several times, and keeps what can be read and ranks the pair right. The same command continues a run that was ended.",
    );
  addSetOptions(addPreferenceOptions(command))
    .option("--per-pair <n>", "most lists of criteria kept of a pair (default: 1)", integer(1))
    .option("--max-pair-tokens <n>", "only pairs of at most so many tokens, with the longer response", integer(1));
  addJudgeOptions(command, { criteriaOnly: true })
    .optionsGroup("Judge:")
    .option("--evaluations <n>", "evaluations of each response per list of criteria (default: 2)", integer(1))
    .option("--max-evaluation-tokens <n>", "limit of turn 2 (default: the pack's)", integer(1))
    .addHelpText(
      "after",
      `
Without options of its own the judge writes 2 lists of criteria for a pair and 2 evaluations of each response by each, at
temperature 0.7.

Example:
  $ cerm train cold-start teacher runs/data/train.jsonl --base-url http://localhost:8000/v1 --pack default --out runs/cold-start
  $ cerm train cold-start teacher pairs.jsonl --model hf:Qwen/Qwen3-4B-GGUF --pack compact --limit 500 --out runs/cold-start`,
    );
  for (const [name, text] of [
    ["criteriaSamples", "lists of criteria per query (default: 2)"],
    ["temperature", "of both turns (default: 0.7)"],
  ] as const)
    command.options.find((option) => option.attributeName() === name)!.description = text;
  command.action((inputs: string[], flags: Flags) => context.run((signal) => run(inputs, flags, context, signal)));
}

async function run(inputs: string[], flags: Flags, { terminal }: CommandContext, signal: AbortSignal): Promise<number> {
  const reading = await preferenceOptions(inputs, flags, signal);
  const { criteriaSamples = 2, evaluations = 2, temperature = 0.7, out, perPair = 1, limit, maxPairTokens } = flags;
  const set = await setOptions(flags, signal);
  const options = await judgeOptions({ ...flags, criteriaSamples, evaluations, temperature });
  await using judge = await openJudge({
    ...options,
    mode: "unified",
    score: "hard",
    ...pullProgress(terminal),
    signal,
  });
  const progress = new Progress("teacher", { enabled: terminal.progress });
  const tokensOf = (messages: readonly Message[]) => conversationTokens(messages, set.countTokens);
  const pairs = async function* (): AsyncGenerator<PreferencePair> {
    let read = 0;
    let short = 0;
    for await (const result of readPreferences(inputs, reading)) {
      if (!result.ok) throw result.error;
      if (result.pair === undefined) continue;
      read++;
      if (maxPairTokens !== undefined && !isShortPair(result.pair, maxPairTokens, tokensOf)) continue;
      short++;
      yield result.pair;
      if (short === limit) return;
    }
    noteShortPairs(terminal, { command: "teacher", short, read, maxTokens: maxPairTokens });
  };
  let report: SetReport;
  try {
    report = await teach({
      ...{ ...set, judge, pairs: pairs(), perPair, out, signal },
      licence: null,
      origin: inputs.join(", "),
      onProgress: ({ done, before, kept }) => {
        progress.done = done;
        progress.note = `${kept} kept${before === 0 ? "" : `, ${before} judged before`}`;
      },
    });
  } finally {
    progress.stop();
  }
  if (flags.json) await terminal.print(JSON.stringify(report));
  else await terminal.print(`${describeYields(report.yields!)}\n${describeSet(report, out)}`);
  return 0;
}
