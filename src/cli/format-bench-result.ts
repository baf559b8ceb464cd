import type { BenchResult, BenchSection } from "../bench/benchmark.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** A result for people: the benchmark's own table, every subset, and the rules that the numbers follow. In percent. */
export function formatBenchResult(result: BenchResult, title: string, terminal: Pick<Terminal, "style">): string {
  const { headline, sections, subsets, pairs, tables, unscored } = result;
  const columns = ["ITEMS", "SCORE", "STRICT", "HALF", "TIES"];
  const own = formatTable(["SECTION", ...columns], sections.map(row));
  const parts = formatTable(
    ["SUBSET", ...columns],
    [
      ...subsets.map(row),
      ["all pairs", String(pairs.count), "", ...[pairs.strict, pairs.half, pairs.tieRate].map(percent)],
    ],
  );
  const rules = [...new Set(sections.map(({ tieRule }) => tieRule))];
  const tableRules = tables.filter(({ tieRule }) => !rules.includes(tieRule));
  return [
    terminal.style("bold", `${title}: ${percent(headline.value)}`),
    `${headline.name}. Ties: ${headline.tieRule}.`,
    ...(headline.value === null ? [`No overall number: nothing was run of ${absent(result)}.`] : []),
    "",
    own,
    "",
    parts,
    "",
    ...tables.flatMap((table) => [
      formatTable(
        [table.name, ...table.columns],
        table.rows.map(({ name, values }) => [name, ...values.map(percent)]),
      ),
      "",
    ]),
    "Percent. SCORE: the benchmark's rule. STRICT, HALF: accuracy over pairs where equal scores earn 0 or 1/2, weighted as the score is. TIES: share of pairs with equal scores.",
    ...(rules.length > 1 ? rules.map((rule) => `Ties in ${sectionsWith(result, rule)}: ${rule}.`) : []),
    ...tableRules.map(({ name, tieRule }) => `Ties in ${name}: ${tieRule}.`),
    `Unscored: ${unscored.responses} of ${result.responses} responses in ${unscored.items} of ${result.items} items; ${unscored.rule}.`,
  ].join("\n");
}

function row({ name, items, value, strict, half, tieRate }: BenchSection): string[] {
  return [name, String(items), ...[value, strict, half, tieRate].map(percent)];
}

function percent(value: number | null): string {
  return value === null ? "-" : (value * 100).toFixed(2);
}

function absent({ sections }: BenchResult): string {
  const names = sections.filter(({ items }) => items === 0).map(({ name }) => name);
  return names.length > 0 ? names.join(", ") : "some part of it";
}

function sectionsWith({ sections }: BenchResult, rule: string): string {
  return sections
    .filter(({ tieRule }) => tieRule === rule)
    .map(({ name }) => name)
    .join(", ");
}
