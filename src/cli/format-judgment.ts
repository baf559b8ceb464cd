import type { Scored } from "../core/reward.ts";
import type { JudgeInput, Judgment, ResponseJudgment } from "../judge/judgment.ts";
import { byRank } from "../judge/rank-responses.ts";
import type { Terminal } from "./terminal.ts";

/** A judgment for people: the criteria, then every response with reward, scores per criterion and reasons. */
export function formatJudgment(
  judgment: Judgment,
  input: JudgeInput,
  terminal: Terminal,
  options: { order: "input" | "rank" },
): string {
  const { style } = terminal;
  const lines = [
    `${style("bold", `Query ${printable(judgment.id)}`)}  ${oneLine(input.query.messages.at(-1)!.content, terminal.columns - 10 - judgment.id.length)}`,
  ];
  for (const sample of judgment.criteria) {
    const about = judgment.criteria.length === 1 ? "" : ` ${sample.responseId ?? sample.sample + 1}`;
    if (sample.kind === "unscored") {
      lines.push(style("red", `Criteria${about}: none (${sample.reason}: ${sample.detail})`));
      continue;
    }
    lines.push(style("bold", `Criteria${about}`));
    for (const [index, { term, description }] of sample.criteria.items.entries())
      lines.push(indent(`${index + 1}. ${term}${description === "" ? "" : `: ${description}`}`, 2, terminal.columns));
  }
  const texts = new Map(input.responses.map(({ id, text }) => [id, text]));
  const responses = options.order === "rank" ? byRank(judgment.responses) : judgment.responses;
  lines.push(style("bold", options.order === "rank" ? "Ranking" : "Responses"));
  for (const response of responses) lines.push(...formatResponse(response, texts.get(response.id) ?? "", terminal));
  const { usage } = judgment;
  lines.push(
    style(
      "dim",
      `${(judgment.milliseconds / 1000).toFixed(1)} s, ${usage.promptTokens} prompt tokens (${usage.cachedPromptTokens} not computed again), ${usage.outputTokens} written`,
    ),
  );
  return lines.join("\n");
}

function formatResponse(response: ResponseJudgment, text: string, { style, columns }: Terminal): string[] {
  const { reward } = response;
  const place = `${response.rank}.`.padStart(4);
  const shown = oneLine(text, columns - 26 - response.id.length);
  if (reward.kind === "unscored") {
    return [
      `${place} ${style("red", "unscored".padEnd(10))} ${style("bold", printable(response.id))}  ${style("dim", shown)}`,
      indent(`${reward.reason}: ${reward.detail}`, 16, columns),
    ];
  }
  const lines = [
    `${place} ${style("green", `${number(reward.value)}/${reward.scale[1]}`.padEnd(10))} ${style("bold", printable(response.id))}${votesOf(reward)}  ${style("dim", shown)}`,
  ];
  const vote = response.votes.find((candidate) => candidate.kind === "scored");
  if (vote?.kind !== "scored") return lines;
  const { criterionScores, otherPoints, rationale } = vote.evaluation;
  for (const { term, score, rationale: reason } of [
    ...criterionScores,
    ...(otherPoints === undefined ? [] : [otherPoints]),
  ])
    lines.push(indent(`${score === undefined ? "-" : number(score)}  ${term}: ${oneLine(reason, 200)}`, 16, columns));
  if (rationale !== "") lines.push(indent(`Overall: ${oneLine(rationale, 300)}`, 16, columns));
  return lines;
}

/** Spread and count of the votes where more than one was asked for, with how many of them have no score. */
function votesOf({ votes, unscoredVotes, spread }: Scored): string {
  if (votes + unscoredVotes === 1) return "";
  const count = unscoredVotes === 0 ? `${votes} votes` : `${votes} of ${votes + unscoredVotes} votes`;
  return ` ${spread === undefined ? "" : `±${spread.toFixed(2)} `}(${count})`;
}

/** At most two digits after the point, none where they would be zeros. */
function number(value: number): string {
  return String(Number(value.toFixed(2)));
}

function oneLine(text: string, length: number): string {
  const line = printable(text).replace(/ +/g, " ").trim();
  const room = Math.max(10, length);
  return line.length <= room ? line : `${line.slice(0, room - 1)}…`;
}

/** On one line and without control characters: a response cannot steer the terminal it is shown on. */
function printable(text: string): string {
  return text.replace(/[^\S ]+/g, " ").replace(/\p{Cc}/gu, "\ufffd");
}

/** Breaks a line between words and indents what follows a little more. */
function indent(text: string, spaces: number, columns: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of printable(text).split(" ")) {
    if (line !== "" && spaces + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `   ${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => " ".repeat(spaces) + each).join("\n");
}
