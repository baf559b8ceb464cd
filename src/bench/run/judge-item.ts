import type { Judge } from "../../judge/judge.ts";
import type { ResponseJudgment } from "../../judge/judgment.ts";
import { judgmentRecord } from "../../judge/judgment-record.ts";
import { mean } from "../mean.ts";
import { itemPart, type RunItem, type RunTask } from "./run-item.ts";

/** Judges an item's responses one by one: hard and expected scores at once. */
export async function judgeItem(judge: Judge, task: RunTask, signal?: AbortSignal): Promise<RunItem> {
  const { query, responses } = task.item;
  const judgment = await judge.judge({ id: task.id, query, responses }, { signal });
  return {
    ...itemPart(task),
    hard: judgment.responses.map((response) => scoreOf(response, "hard")),
    expected: judgment.responses.map((response) => scoreOf(response, "expected")),
    unscored: judgment.responses.map(({ reward }) => (reward.kind === "unscored" ? reward.reason : null)),
    judgment: judgmentRecord(judgment),
    usage: judgment.usage,
    milliseconds: Math.round(judgment.milliseconds),
  };
}

/** Mean over the scored votes; `null` where one of them lacks the number, so that no mean is of other votes than the reward. */
function scoreOf({ votes }: ResponseJudgment, score: "hard" | "expected"): number | null {
  const scored = votes.flatMap((vote) => (vote.kind === "scored" ? [vote[score]] : []));
  const known = scored.filter((value) => value !== undefined);
  return known.length === scored.length ? mean(known) : null;
}
