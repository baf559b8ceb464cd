import { stringify } from "yaml";
import { count, percent } from "../../bench/report/format.ts";
import type { CurateReport, Kind } from "../report/report.ts";

/** card.md: what the data is, where it comes from, under which licences, and what was done to it. */
export function dataCard(report: CurateReport): string {
  const { name, description, splits, inputs, stages, hash, run, seed, tokens } = report;
  const longer = (side: "before" | "after") => {
    const sum = (which: "chosen" | "rejected") => report.lengthBias.reduce((total, bin) => total + bin[side][which], 0);
    const all = sum("chosen") + sum("rejected");
    return all === 0 ? "n/a" : `${percent(sum("chosen") / all)} %`;
  };
  const parts = [
    `# ${name}`,
    description ?? "",
    `Preference pairs: a conversation that ends with the user, a better and a worse response. ${count(stages.at(-1)!.after)} pairs of ${count(stages[0]!.after)} that were read.`,
    table(
      ["split", "pairs", "clusters of prompts", "SHA-256 of the JSON Lines file"],
      splits.map(({ split, rows, clusters, sha256 }) => [
        split,
        count(rows),
        clusters === null ? "" : count(clusters),
        `\`${sha256}\``,
      ]),
    ),
    "Splits are cut by clusters of prompts that are nearly the same or begin with the same message: no cluster is in two of them.",
    `Hash of the output: \`${hash}\`. The same recipe on the same files gives the same hash (run \`${run}\`, seed ${seed}).`,
    "## Sources and licences",
    table(
      ["input", "licence", "files", "pairs", "kept", "rows without a pair", "broken"],
      inputs.map((input) => [
        input.url === null ? input.name : `[${input.name}](${input.url})`,
        input.licence ?? "**not named**",
        String(input.files.length),
        count(input.pairs.before),
        count(input.pairs.after),
        count(input.none.reduce((sum, one) => sum + one.rows, 0)),
        count(input.broken),
      ]),
    ),
    list(inputs.flatMap((input) => (input.caveat === null ? [] : [`${input.name}: ${input.caveat}.`]))),
    "The licences are as the sources name them; whether they allow what you want to do is for you to decide.",
    "## Stages",
    table(
      ["stage", "before", "after", "dropped", "notes"],
      stages.map((stage) => [
        stage.name,
        count(stage.before),
        count(stage.after),
        count(stage.before - stage.after),
        stage.notes.join("; "),
      ]),
    ),
    "### What was dropped, and why",
    table(
      ["stage", "reason", "rows"],
      stages.flatMap((stage) => stage.reasons.map(({ reason, rows }) => [stage.name, reason, count(rows)])),
    ),
    "## What is in it",
    `Chosen response longer: ${longer("before")} of pairs before, ${longer("after")} after. Tokens: ${tokens}.`,
    kindTable("source", report.sources),
    kindTable("domain", report.domains),
    "## Settings",
    `\`\`\`yaml\n${stringify(stages.flatMap((stage) => (stage.settings === null ? [] : [{ [stage.name]: withoutPaths(stage.settings) }]))).trimEnd()}\n\`\`\``,
    "## Files",
    table(
      ["input", "file", "bytes", "SHA-256"],
      inputs.flatMap((input) =>
        input.files.map((file) => [input.name, file.name, count(file.bytes), `\`${file.sha256}\``]),
      ),
    ),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Kinds that the card lists. */
const shownKinds = 40;

function kindTable(word: string, kinds: readonly Kind[]): string {
  if (kinds.length < 2) return "";
  const rows = kinds.slice(0, shownKinds).map((kind) => [kind.name, count(kind.before), count(kind.after)]);
  const left = kinds.slice(shownKinds);
  if (left.length > 0)
    rows.push([
      `${left.length} more`,
      count(left.reduce((sum, kind) => sum + kind.before, 0)),
      count(left.reduce((sum, kind) => sum + kind.after, 0)),
    ]);
  return table([word, "before", "after"], rows);
}

function table(header: string[], rows: string[][]): string {
  if (rows.length === 0) return "";
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(header), `|${header.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

function list(lines: string[]): string {
  return lines.map((line) => `* ${line}`).join("\n");
}

/** Where files lie on one machine says nothing on another. */
function withoutPaths(settings: unknown): unknown {
  return JSON.parse(
    JSON.stringify(settings, (name, value: unknown) => (name === "path" || name === "data" ? undefined : value)),
  );
}
