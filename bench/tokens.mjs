// What unified criteria save: tokens generated and computed per response, beside criteria written anew for every response.
import { basename } from "node:path";
import { openEmbeddedEngine } from "../dist/engines/index.js";
import { Judge } from "../dist/judge/index.js";
import { loadPack } from "../dist/prompts/index.js";
import { benchModel, readQueries } from "./lib/judge-tasks.mjs";
import { readOptions, UsageError } from "./lib/options.mjs";
import { figure, printHead, ratio, table } from "./lib/report.mjs";

const known = {
  model: { default: "", help: "GGUF file; else CERM_BENCH_MODEL, else the toy model" },
  data: { default: "", help: "queries with responses (JSON or JSON Lines)" },
  queries: { default: 2, help: "queries, each judged with every number of responses" },
  responses: { default: [1, 2, 4, 8, 16], help: "numbers of responses" },
  "max-characters": { default: 1600, help: "longest response" },
  threads: { default: 1, help: "threads" },
  sequences: { default: 8, help: "generations at once" },
};

export async function main(args) {
  const options = readOptions("tokens", known, args);
  if (options === undefined) return;
  const model = await benchModel(options.model);
  const { name, queries } = pickQueries(options);
  printHead("Tokens: unified against per-response criteria", ["tokens", ...args], { model: basename(model) });
  console.log(
    `${queries.length} queries of ${name}, compact pack, guided. Per response: tokens the model sampled, and prompt tokens computed (fixed parts of the answer included, what was taken from a cache not). Every cell starts with an empty cache.\n`,
  );
  const rows = [];
  for (const count of options.responses) {
    const unified = await measure(model, queries, count, "unified", options);
    const perResponse = await measure(model, queries, count, "per-response", options);
    rows.push([
      String(count),
      ...[unified.generated, perResponse.generated].map((value) => figure(value, 3)),
      ratio(perResponse.generated, unified.generated),
      ...[unified.computed, perResponse.computed].map((value) => figure(value, 3)),
      ratio(perResponse.computed, unified.computed),
      ...[unified.seconds, perResponse.seconds].map((value) => figure(value, 3)),
      ratio(perResponse.seconds, unified.seconds),
      `${unified.unscored} / ${perResponse.unscored}`,
    ]);
  }
  const pair = (what) => [`${what}: unified`, `${what}: per-response`, "ratio"];
  console.log(
    `${table(["responses", ...pair("generated"), ...pair("computed"), ...pair("seconds"), "unscored"], rows)}\n`,
  );
}

/** Queries whose responses are all short enough, so that the longest run ends in minutes. */
function pickQueries(options) {
  const most = Math.max(...options.responses);
  const { name, queries } = readQueries(options.data, most);
  const short = queries.filter(({ responses }) =>
    responses.every(({ text }) => text.length <= options["max-characters"]),
  );
  if (short.length === 0)
    throw new UsageError(`no query of ${name} fits --max-characters ${options["max-characters"]}`);
  return { name, queries: short.slice(0, options.queries) };
}

/** Means per response over the queries' first `count` responses. */
async function measure(modelPath, queries, count, mode, { threads, sequences }) {
  const pack = await loadPack("compact");
  const sum = { generated: 0, computed: 0, seconds: 0, unscored: 0 };
  for (const { id, query, responses } of queries) {
    const engine = await openEmbeddedEngine({ modelPath, gpu: false, threads, sequences });
    try {
      const judge = new Judge({ engine, pack, mode });
      const judgment = await judge.judge({ id, query, responses: responses.slice(0, count) });
      sum.generated += judgment.usage.outputTokens;
      sum.computed += judgment.usage.promptTokens - judgment.usage.cachedPromptTokens;
      sum.seconds += judgment.milliseconds / 1000;
      sum.unscored += judgment.responses.filter(({ reward }) => reward.kind === "unscored").length;
    } finally {
      await engine.close();
    }
  }
  const all = queries.length * count;
  return { ...sum, generated: sum.generated / all, computed: sum.computed / all, seconds: sum.seconds / all };
}
