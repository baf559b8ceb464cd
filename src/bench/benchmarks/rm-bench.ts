import { z } from "zod";
import { shorten } from "../../data/shorten.ts";
import { type BenchRow, benchRows } from "../bench-rows.ts";
import type { BenchItem, Benchmark, BenchTable, ScoredItem } from "../benchmark.ts";
import { buildResult, groupBy, groupBySubset } from "../build-result.ts";
import { combineAccuracies } from "../combine-accuracies.ts";
import { correctFirst, makeItem } from "../make-item.ts";
import { meanOfAll } from "../mean.ts";
import { countPairs, pairAccuracy } from "../pair-accuracy.ts";
import { identifier, parseRow, rowError } from "../parse-row.ts";
import { type StyleMatrix, styleMatrix } from "../style-matrix.ts";
import { tieRules } from "../tie-rules.ts";

const schema = z.object({
  id: identifier,
  prompt: z.string(),
  chosen: z.array(z.string()).length(3),
  rejected: z.array(z.string()).length(3),
  domain: z.string().optional(),
});

const domains = ["chat", "math", "code", "safety"] as const;
const levels = ["hard", "normal", "easy"] as const;
// The same for every item, so shared by all.
const { quality, pairs } = correctFirst(3, 3);

/** Pairs of a level: the chosen response is in a plainer style than the rejected one, in the same, in a fancier one. */
const levelPairs: Record<(typeof levels)[number], BenchItem["pairs"]> = {
  hard: pairs.filter(([chosen, rejected]) => chosen < rejected - 3),
  normal: pairs.filter(([chosen, rejected]) => chosen === rejected - 3),
  easy: pairs.filter(([chosen, rejected]) => chosen > rejected - 3),
};

/** RM-Bench: three styles of a right answer against three styles of a subtly wrong one. */
export const rmBench: Benchmark = {
  name: "rm-bench",
  title: "RM-Bench",
  order: "[chosen 0-2, rejected 0-2]; styles: concise, detailed, detailed with markdown",
  source: {
    url: "https://github.com/THU-KEG/RM-Bench",
    license: "ODC-BY",
    sets: [
      {
        host: "github",
        repo: "THU-KEG/RM-Bench",
        revision: "73c52d7b27b361621361ec959ac6c0eb9bb7a689",
        files: [
          {
            path: "data/chat_filtered.json",
            sha256: "1df6053a68119c17eed9a54d35dc654b8cde3d3b0bbd1ad6941073e40ef5c9a8",
          },
          {
            path: "data/code_filtered.json",
            sha256: "c3a56181d34835345b9c5fbf22c203439d06ea96de12b232da80628f14fe1e15",
          },
          { path: "data/math_filtered.json", gitSha1: "47c721a5dc7e7b377425b00dbf0d1c2b1885c206" },
          {
            path: "data/safety-refuse_filtered.json",
            sha256: "cf25d4cc967afe68908ff710a8ffaa6fe7aff53ad70fe0b8c689b35aa20e911f",
          },
          {
            path: "data/safety-response_filtered.json",
            sha256: "364caaebd7ddaa432f5120e11e8527fc1046c50d83d0d6f89346ad25f1bf51f1",
          },
        ],
      },
    ],
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { select, signal })) {
      const { id, prompt, chosen, rejected, domain } = parseRow(schema, row);
      yield makeItem(row, {
        subset: partOf(row, domain),
        query: prompt,
        responses: [...chosen, ...rejected],
        quality,
        pairs,
        label: { id },
      });
    }
  },

  score(items) {
    const byDomain = groupBy(items, ({ item }) => domainOf(item.subset)!);
    const matrices = new Map<string, StyleMatrix | null>(
      domains.map((domain) => [domain, matrixOf(byDomain.get(domain) ?? [])]),
    );
    const subsetMatrices = new Map([...groupBySubset(items)].map(([name, members]) => [name, matrixOf(members)]));
    const tieRule = tieRules.strict;
    const overDomains = (value: (matrix: StyleMatrix) => number) =>
      meanOfAll(domains.map((domain) => (matrices.get(domain) ? value(matrices.get(domain)!) : null)));
    const overall = overDomains(({ score }) => score);
    const figures = (domain: (typeof domains)[number], among?: BenchItem["pairs"]) =>
      pairAccuracy(countPairs(byDomain.get(domain) ?? [], among));
    const figuresOverDomains = (among?: BenchItem["pairs"]) =>
      combineAccuracies(
        domains.map((domain) => figures(domain, among)),
        meanOfAll,
      );
    return buildResult("rm-bench", items, {
      headline: { name: "overall, mean of the four domains", value: overall, tieRule },
      sections: [
        ...domains.map((domain) => ({
          name: domain as string,
          value: matrices.get(domain)?.score ?? null,
          items: byDomain.get(domain)?.length ?? 0,
          ...figures(domain),
          tieRule,
        })),
        ...levels.map((level) => ({
          name: level as string,
          value: overDomains((matrix) => matrix[level]),
          items: items.length,
          ...figuresOverDomains(levelPairs[level]),
          tieRule,
        })),
        { name: "overall", value: overall, items: items.length, ...figuresOverDomains(), tieRule },
      ],
      subsetValue: (members) => matrixOf(members)?.score ?? null,
      unscoredRule: "a comparison with an unscored response is lost",
      tables: [levelTable(matrices, subsetMatrices)],
      details: { domains: Object.fromEntries(matrices), subsets: Object.fromEntries(subsetMatrices) },
    });
  },
};

/** Hard, normal and easy of every domain, and of the parts that a domain pools. */
function levelTable(
  matrices: ReadonlyMap<string, StyleMatrix | null>,
  parts: ReadonlyMap<string, StyleMatrix | null>,
): BenchTable {
  const rows = [...matrices, ...[...parts].filter(([name]) => !matrices.has(name))];
  return {
    name: "LEVELS",
    tieRule: tieRules.strict,
    columns: [...levels, "score"],
    rows: rows.map(([name, matrix]) => ({
      name,
      values: [...levels.map((level) => matrix?.[level] ?? null), matrix?.score ?? null],
    })),
  };
}

function matrixOf(items: ScoredItem[]): StyleMatrix | null {
  return styleMatrix(items.map(({ scores }) => scores));
}

/** The combined file where it is there: it holds the rows of all others. */
function select(files: string[]): string[] {
  const total = files.filter((name) => /(^|\/)total_dataset\.json(\.gz)?$/.test(name));
  return total.length > 0 ? total : files.filter((name) => domainOf(baseName(name)) !== undefined);
}

/** The part of a row (`chat`, `safety-refuse`), of its `domain` field or of the file's name. */
function partOf(row: BenchRow, domain: string | undefined): BenchItem["subset"] {
  const part = domain ?? baseName(row.file).replace(/(_filtered)?\..*$/, "");
  if (domainOf(part) !== undefined) return part;
  const wanted = `expected one that begins with ${domains.join(", ")}`;
  throw rowError(
    row,
    "domain",
    domain === undefined
      ? `the field is missing and the file's name (${baseName(row.file)}) does not say it; ${wanted}`
      : `${wanted}, got ${shorten(domain)}`,
  );
}

function domainOf(part: string): (typeof domains)[number] | undefined {
  return domains.find((domain) => part.startsWith(domain));
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}
