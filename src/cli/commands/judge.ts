import type { Command } from "commander";
import { InputError } from "../../core/errors.ts";
import type { JudgeItem } from "../../data/item.ts";
import { checkAdaptiveOptions, rankAdaptively } from "../../judge/adaptive-rank.ts";
import type { JudgeInput, Judgment } from "../../judge/judgment.ts";
import { judgmentRecord } from "../../judge/judgment-record.ts";
import { type OpenedJudge, openJudge } from "../../judge/open-judge.ts";
import { userCriteria } from "../../judge/user-input.ts";
import type { CommandContext } from "../context.ts";
import { formatJudgment } from "../format-judgment.ts";
import { addItemOptions, checkItemFlags, givenCriteriaText, type ItemFlags } from "../item-options.ts";
import { integer, positive } from "../option-values.ts";
import { addJudgeOptions, type JudgeFlags, judgeOptions } from "../options.ts";
import { pullProgress } from "../pull-progress.ts";
import { type ItemOutcome, runItems } from "../run-items.ts";

type Flags = ItemFlags & JudgeFlags & { budget?: number; confidence?: number };

/** `cerm judge`: rewards in the order of the input. */
export function addJudgeCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("judge")
    .summary("write criteria for queries, evaluate every response, give rewards")
    .description(
      "Writes criteria for every query, evaluates every response against them and gives each a reward from 0 to 10.",
    );
  addJudgeOptions(addItemOptions(command, { responses: true }))
    .addHelpText(
      "after",
      `
Example:
  $ cerm judge --query "Why is the sky blue?" --response "Rayleigh scattering." --response "It reflects the sea."
  $ cerm judge items.jsonl --out rewards.jsonl
  an item: {"id": "1", "query": "Why is the sky blue?", "responses": ["Rayleigh scattering.", "It reflects the sea."]}`,
    )
    .action((file: string | undefined, flags: Flags) =>
      context.run((signal) => judgeFile(file, flags, context, signal, "input")),
    );
}

/** `cerm rank`: the same, best first, with adaptive votes. */
export function addRankCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("rank")
    .summary("the same, best response first")
    .description(
      "Judges the responses of every query and puts the best first. With --budget, votes go where the order is still open.",
    );
  addJudgeOptions(addItemOptions(command, { responses: true }))
    .optionsGroup("Adaptive votes:")
    .option("--budget <n>", "evaluations that may be spent on a query (needs --temperature)", integer(2))
    .option("--confidence <p>", "votes stop when the leader is clear at this confidence (default: 0.95)", positive)
    .addHelpText(
      "after",
      `
Example:
  $ cerm rank candidates.jsonl --out ranking.jsonl
  $ cerm rank candidates.jsonl --temperature 0.7 --budget 32`,
    )
    .action((file: string | undefined, flags: Flags) =>
      context.run((signal) => judgeFile(file, flags, context, signal, "rank")),
    );
}

async function judgeFile(
  file: string | undefined,
  flags: Flags,
  { terminal }: CommandContext,
  signal: AbortSignal,
  order: "input" | "rank",
): Promise<number> {
  const options = await judgeOptions(flags);
  const { budget, confidence } = flags;
  if (budget !== undefined) checkAdaptiveOptions({ temperature: options.temperature ?? 0 }, { budget, confidence });
  else if (confidence !== undefined)
    throw new InputError("--confidence is for adaptive votes: give --budget too", { field: "confidence" });
  if (budget !== undefined && flags.evaluations !== undefined)
    throw new InputError("--budget decides the evaluations itself: leave out --evaluations", { field: "evaluations" });
  await checkItemFlags(file, flags, { queryOnly: false, stdinIsTerminal: process.stdin.isTTY === true });
  const given = await givenCriteriaText(flags);
  if (given !== undefined && options.mode === "implicit")
    throw new InputError("mode implicit uses no criteria: leave out --criterion and --criteria-file", {
      field: "mode",
    });
  await using judge = await openJudge({ ...options, ...pullProgress(terminal), signal });
  const criteriaForAll = given === undefined ? undefined : userCriteria(judge.settings.pack, given);
  return await runItems({
    label: order === "rank" ? "rank" : "judge",
    file,
    flags,
    queryOnly: false,
    judge,
    settings: { command: "judge", criteria: criteriaForAll?.text, budget, confidence },
    work: async (item, itemSignal) => {
      const input = judgeInputOf(judge, item, criteriaForAll);
      const judgment =
        budget === undefined
          ? await judge.judge(input, { signal: itemSignal })
          : await rankAdaptively(judge, input, {
              budget,
              confidence,
              signal: itemSignal,
            });
      return outcome(judgment, input);
    },
    terminal,
    signal,
  });

  function outcome(judgment: Judgment, input: JudgeInput): ItemOutcome {
    return {
      record: judgmentRecord(judgment),
      text: () => formatJudgment(judgment, input, terminal, { order }),
      unscored: judgment.responses.some((response) => response.reward.kind === "unscored"),
    };
  }
}

function judgeInputOf(judge: OpenedJudge, item: JudgeItem, criteriaForAll: JudgeInput["criteria"]): JudgeInput {
  const { id, query, responses, criteria } = item;
  const own = criteria === undefined ? undefined : userCriteria(judge.settings.pack, criteria);
  return { id, query, responses, criteria: own ?? criteriaForAll };
}
