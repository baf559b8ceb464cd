import type { Command } from "commander";
import { criteriaRecord } from "../../judge/judgment-record.ts";
import { openJudge } from "../../judge/open-judge.ts";
import type { CommandContext } from "../context.ts";
import { addItemOptions, checkItemFlags, type ItemFlags } from "../item-options.ts";
import { addJudgeOptions, type JudgeFlags, judgeOptions } from "../options.ts";
import { pullProgress } from "../pull-progress.ts";
import { runItems } from "../run-items.ts";

/** `cerm criteria`: turn 1 alone. */
export function addCriteriaCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("criteria")
    .summary("write criteria for queries")
    .description(
      "Writes the criteria by which responses to a query will be judged. They are kept, and judge and rank use the same ones.",
    );
  addJudgeOptions(addItemOptions(command, { responses: false }), { criteriaOnly: true })
    .addHelpText(
      "after",
      `
Example:
  $ cerm criteria --query "Write a haiku about autumn."`,
    )
    .action((file: string | undefined, flags: ItemFlags & JudgeFlags) =>
      context.run((signal) => writeCriteria(file, flags, context, signal)),
    );
}

async function writeCriteria(
  file: string | undefined,
  flags: ItemFlags & JudgeFlags,
  { terminal }: CommandContext,
  signal: AbortSignal,
): Promise<number> {
  await checkItemFlags(file, flags, { queryOnly: true, stdinIsTerminal: process.stdin.isTTY === true });
  const options = await judgeOptions(flags);
  await using judge = await openJudge({
    ...options,
    mode: "unified",
    score: "hard",
    ...pullProgress(terminal),
    signal,
  });
  const { pack, engine } = judge.settings;
  return await runItems({
    label: "criteria",
    file,
    flags,
    queryOnly: true,
    judge,
    settings: { command: "criteria" },
    work: async ({ id, query }, itemSignal) => {
      const samples = await judge.criteria(query, { signal: itemSignal });
      return {
        record: { id, criteria: samples.map(criteriaRecord), model: engine.identity, pack: pack.identity },
        text: () =>
          samples
            .map((sample) =>
              sample.kind === "unscored"
                ? terminal.style("red", `none (${sample.reason}: ${sample.detail})`)
                : sample.criteria.items
                    .map(
                      ({ term, description }, index) => `${index + 1}. ${terminal.style("bold", term)}: ${description}`,
                    )
                    .join("\n"),
            )
            .join("\n\n"),
        unscored: samples.some((sample) => sample.kind === "unscored"),
      };
    },
    terminal,
    signal,
  });
}
