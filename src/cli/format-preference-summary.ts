import type { Distribution, GroupSummary, PreferenceSummary } from "../data/inspect/preference-summary.ts";
import { grouped } from "../data/shorten.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** Rows of a table that may be long. */
const shownRows = 15;

/** A summary of preference data for people. */
export function formatPreferenceSummary(summary: PreferenceSummary, terminal: Pick<Terminal, "style">): string {
  const heading = (text: string) => terminal.style("bold", text);
  const { pairs, duplicates, languages, strength } = summary;
  const blocks = [
    [heading(`${grouped(pairs)} pairs in ${grouped(summary.rows)} rows`), ...countLines(summary)],
    filesBlock(summary),
  ];
  if (pairs > 0) {
    blocks.push(
      [
        heading("Lengths"),
        lengthsTable(summary, "characters"),
        lengthsTable(summary, "words"),
        `Turns of the user: ${summary.turns.map(({ turns, pairs: count }) => `${turns}: ${grouped(count)}`).join(", ")}`,
      ],
      [heading("Length bias"), ...biasLines(summary)],
      [
        heading("Duplicates"),
        `${grouped(duplicates.pairs)} pairs were there before, word for word`,
        `${grouped(duplicates.distinctPrompts)} different prompts, ${grouped(duplicates.repeatedPrompts)} of them in several pairs`,
        `${grouped(duplicates.contradictions)} contradictions (the same two responses, each preferred to the other)`,
        `${grouped(duplicates.identicalResponses)} pairs of one and the same response`,
      ],
      [
        heading(languages.sampled < pairs ? `Languages of ${grouped(languages.sampled)} queries drawn` : "Languages"),
        languages.counts
          .slice(0, shownRows)
          .map(({ language, queries }) => `${language} ${percent(queries / languages.sampled)}`)
          .join(", "),
      ],
      [
        heading("Strength of the preferences"),
        ...(strength.without === pairs
          ? ["the source says nothing about it"]
          : [
              formatTable(
                ["UP TO", "PAIRS"],
                strength.bins.map(({ to, pairs: count }) => [to.toFixed(1), grouped(count)]),
              ),
              ...(strength.without > 0 ? [`${grouped(strength.without)} without`] : []),
            ]),
      ],
      [heading("Sources"), groupsTable(summary.sources)],
    );
    if (summary.domains.length > 0) blocks.push([heading("Domains"), groupsTable(summary.domains)]);
    if (summary.examples.length > 0) blocks.push([heading("Examples"), ...summary.examples.map(exampleText)]);
  }
  return blocks.map((lines) => lines.join("\n")).join("\n\n");
}

function countLines({ none, broken }: PreferenceSummary): string[] {
  const lines = none.map(({ reason, rows }) => `${grouped(rows)} rows without a pair: ${reason}`);
  if (broken.rows > 0) lines.push(`${grouped(broken.rows)} broken rows`);
  if (broken.files > 0) lines.push(`${grouped(broken.files)} faults of whole files`);
  return lines;
}

function filesBlock({ files }: PreferenceSummary): string[] {
  const table = formatTable(
    ["FILE", "PRESET", "LICENCE", "SHIPPABLE"],
    files
      .slice(0, shownRows)
      .map(({ file, preset, licence, shippable }) => [file, preset, licence ?? "none named", shippable ? "yes" : "no"]),
  );
  const more = files.length > shownRows ? [`and ${files.length - shownRows} more files`] : [];
  const caveats = new Map(files.map(({ preset, caveat }) => [preset, caveat]));
  const notes = [...caveats].flatMap(([preset, caveat]) => (caveat === undefined ? [] : [`${preset}: ${caveat}`]));
  return [table, ...more, ...notes];
}

function lengthsTable({ lengths }: PreferenceSummary, unit: "characters" | "words"): string {
  const row = (name: string, of: Distribution) => [
    name,
    ...[of.mean, of.min, of.p5, of.p25, of.p50, of.p75, of.p95, of.max].map((value) =>
      value === null ? "-" : grouped(Math.round(value)),
    ),
  ];
  return formatTable(
    [unit.toUpperCase(), "MEAN", "MIN", "5 %", "25 %", "50 %", "75 %", "95 %", "MAX"],
    (["query", "chosen", "rejected"] as const).map((part) => row(part, lengths[part][unit])),
  );
}

function biasLines({ lengthBias }: PreferenceSummary): string[] {
  const { share, chosenLonger, rejectedLonger, equal, meanRatio } = lengthBias;
  return [
    share === null
      ? "all responses are as long as the other one"
      : `the chosen response is the longer one in ${percent(share.estimate)} (95 % interval ${percent(share.low)} to ${percent(share.high)}) of ${grouped(chosenLonger + rejectedLonger)} pairs with different lengths`,
    `${grouped(equal)} pairs of equal length`,
    ...(meanRatio === null
      ? []
      : [`mean ratio of the lengths, chosen to rejected: ${meanRatio.toFixed(2)} (geometric)`]),
  ];
}

function groupsTable(groups: GroupSummary[]): string {
  const table = formatTable(
    ["NAME", "PAIRS", "CHOSEN LONGER"],
    groups
      .slice(0, shownRows)
      .map(({ name, pairs, chosenLonger }) => [
        name,
        grouped(pairs),
        chosenLonger === null ? "-" : percent(chosenLonger),
      ]),
  );
  return groups.length > shownRows ? `${table}\nand ${groups.length - shownRows} more` : table;
}

function exampleText({ id, query, chosen, rejected, strength }: PreferenceSummary["examples"][number]): string {
  const line = (name: string, text: string) => `  ${name.padEnd(9)}${text.replace(/\s+/g, " ").trim()}`;
  const head = strength === undefined ? id : `${id} (strength ${strength.toFixed(2)})`;
  return [head, line("query", query), line("chosen", chosen), line("rejected", rejected)].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
