import type { BenchResult } from "../bench/benchmark.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** A result for people: the benchmark's own table, every subset, and the rules that the numbers follow. In percent. */
export function formatBenchResult(result: BenchResult, title: string, terminal: Pick<Terminal, "style">): string {
  const { headline, sections, subsets, pairs, unscored } = result;
  const own = formatTable(
    sections.map(({ name }) => name),
    [sections.map(({ value }) => percent(value)), sections.map(({ items }) => `n=${items}`)],
  );
  const parts = formatTable(
    ["SUBSET", "ITEMS", "SCORE", "STRICT", "HALF", "TIES"],
    [
      ...subsets.map((one) => [
        one.name,
        String(one.items),
        ...[one.value, one.strict, one.half, one.tieRate].map(percent),
      ]),
      ["all pairs", String(pairs.count), "", ...[pairs.strict, pairs.half, pairs.tieRate].map(percent)],
    ],
  );
  const rules = [...new Set(sections.map(({ tieRule }) => tieRule))];
  return [
    terminal.style("bold", `${title}: ${percent(headline.value)}`),
    `${headline.name}. Ties: ${headline.tieRule}.`,
    ...(headline.value === null ? [`No overall number: nothing was run of ${absent(result)}.`] : []),
    "",
    own,
    "",
    parts,
    "",
    ...result.tables.flatMap((table) => [
      formatTable(
        [table.name, ...table.columns],
        table.rows.map(({ name, values }) => [name, ...values.map(percent)]),
      ),
      "",
    ]),
    "Percent. STRICT: equal scores earn 0. HALF: they earn 1/2. TIES: share of pairs with equal scores. SCORE: the benchmark's rule.",
    ...(rules.length > 1 ? rules.map((rule) => `Ties in ${sectionsWith(result, rule)}: ${rule}.`) : []),
    `Unscored: ${unscored.responses} of ${result.responses} responses in ${unscored.items} of ${result.items} items; ${unscored.rule}.`,
  ].join("\n");
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
