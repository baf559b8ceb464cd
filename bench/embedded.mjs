// Evaluations a second with a model in this process, beside the same engine without its prefix reuse and batching, and
// beside llama-cpp-python; and how near the engine comes to what llama.cpp alone allows.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { EmbeddedEngine, openEmbeddedEngine } from "../dist/engines/index.js";
import { parseEvaluation } from "../dist/prompts/index.js";
import { fixedLengthBackend } from "./lib/fixed-length-backend.mjs";
import { benchModel, evaluationTasks } from "./lib/judge-tasks.mjs";
import { findPeer, runPeer } from "./lib/llama-cpp-python.mjs";
import { oneOf, readOptions } from "./lib/options.mjs";
import { rawRates } from "./lib/raw-rates.mjs";
import { figure, median, printHead, printMissing, ratio, spread, table } from "./lib/report.mjs";
import { runRounds } from "./lib/rounds.mjs";
import { runTasks, sumUsage } from "./lib/run-tasks.mjs";

const known = {
  model: { default: "", help: "GGUF file; else CERM_BENCH_MODEL, else the toy model" },
  data: { default: "", help: "queries with responses (JSON or JSON Lines)" },
  queries: { default: 4, help: "queries" },
  responses: { default: 8, help: "responses to each query" },
  "max-prompt": { default: 700, help: "longest prompt in tokens" },
  "new-tokens": { default: 64, help: "tokens generated for each evaluation at equal tokens" },
  threads: { default: [1, 2], help: "numbers of threads" },
  sequences: { default: 8, help: "generations cerm runs at once" },
  repeat: { default: 1, help: "rounds; in each, the programs run one after the other" },
  only: { default: ["raw", "equal", "guided"], help: "which parts" },
  peers: { default: [], help: "llama-cpp-python; installed (compiled) where missing" },
  python: { default: "", help: "a Python that has llama-cpp-python, instead of installing it" },
};

export async function main(args) {
  const options = readOptions("embedded", known, args);
  if (options === undefined) return;
  oneOf("only", options.only, known.only.default);
  oneOf("peers", options.peers, ["llama-cpp-python"]);
  const folder = mkdtempSync(join(tmpdir(), "cerm-bench-"));
  try {
    await measure(options, args, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(options, args, folder) {
  const model = await benchModel(options.model);
  const { peer, versions, missing } = await findPeer(options);
  const bench = {
    ...(await evaluationTasks(model, { ...options, maxPrompt: options["max-prompt"] })),
    model,
    options,
    peer,
    folder,
  };
  bench.tasks = bench.groups.flatMap((group) => group.tasks.map((task) => ({ ...task, criteria: group.criteria })));
  bench.lines = join(folder, "tasks.jsonl");
  writeFileSync(bench.lines, `${bench.tasks.map(({ tokens }) => JSON.stringify(tokens)).join("\n")}\n`);
  printHead("Embedded: evaluations a second", ["embedded", ...args], { model: basename(model), ...versions });
  const lengths = bench.tasks.map(({ tokens }) => tokens.length);
  const shared = bench.groups.map(({ tasks }) => sharedPrefix(tasks.map(({ tokens }) => tokens)));
  console.log(
    `${bench.groups.length} queries of ${bench.data} x ${options.responses} responses; prompts of ${Math.min(...lengths)} to ${Math.max(...lengths)} tokens (mean ${figure(lengths.reduce((a, b) => a + b, 0) / lengths.length)}), of which the responses to a query share ${Math.min(...shared)} to ${Math.max(...shared)}. ` +
      "Turn 2 of the compact pack, criteria given. All programs get the same prompts in the same order; loading the model is not counted.\n",
  );
  for (const threads of options.threads) {
    const raw =
      options.only.includes("raw") || options.only.includes("equal") ? await printRaw(bench, threads) : undefined;
    if (options.only.includes("equal")) await equalTokens(bench, threads, raw, missing);
    if (options.only.includes("guided")) await guided(bench, threads, missing);
  }
  printMissing(missing);
}

async function printRaw({ model, options }, threads) {
  const { sequences } = options;
  const raw = await rawRates(model, { threads, sequences, depth: 512, rounds: 5 });
  console.log(
    `### ${threads} thread(s)\n\nRaw llama.cpp: prefill ${figure(raw.prefill)} tokens/s, decoding ${sequences} sequences ${figure(raw.decode)} tokens/s (at 512 tokens of context, nothing sampled).\n`,
  );
  return raw;
}

/** Every evaluation generates exactly the same number of tokens, unguided. */
async function equalTokens(bench, threads, raw, missing) {
  const { options, tasks } = bench;
  const newTokens = options["new-tokens"];
  const request = ({ messages }) => ({ messages, maxTokens: newTokens });
  const cerm = async (settings) => {
    const backend = await fixedLengthBackend(bench.model);
    const engine = new EmbeddedEngine({ backend, model: "bench", threads, guided: false, ...settings });
    try {
      const { generations, seconds } = await runTasks(engine, tasks, request);
      return { seconds, generations, ...sumUsage(generations), collapses: engine.threadCollapses };
    } finally {
      await engine.close();
    }
  };
  const { sequences } = options;
  const contenders = {
    "cerm: shared prefix, batched": () => cerm({ sequences }),
    "cerm, prefixes not shared": () => cerm({ sequences, sharePrefixes: false }),
    "cerm, one by one, not shared": () => cerm({ sequences: 1, sharePrefixes: false }),
  };
  if (bench.peer) contenders["llama-cpp-python"] = () => runPeer(bench, threads, { maxTokens: newTokens, fixed: true });
  const runs = await runRounds(contenders, options.repeat, missing);
  const rate = (run) => tasks.length / run.seconds;
  const best = median(runs["cerm: shared prefix, batched"].map(rate));
  const plain = runs["cerm, one by one, not shared"][0].generations;
  const rows = Object.entries(runs).map(([name, measured]) => {
    const { computed, output, generations } = measured[0];
    const same = generations.filter(({ text }, index) => text === plain[index].text).length;
    // The first token of an answer comes with its prompt.
    const ideal = computed === undefined ? undefined : computed / raw.prefill + (output - tasks.length) / raw.decode;
    const share =
      ideal === undefined ? "" : `${((100 * ideal) / median(measured.map((run) => run.seconds))).toFixed(0)} %`;
    return [
      name,
      spread(measured.map(rate)),
      ratio(best, median(measured.map(rate))),
      figure(computed, 4),
      figure(output, 4),
      share,
      `${same} of ${tasks.length}`,
      String(Math.max(...measured.map((run) => run.collapses ?? 0))),
    ];
  });
  console.log(
    `Equal tokens, ${threads} thread(s): exactly ${newTokens} new tokens for each of ${tasks.length} evaluations, greedy, ends of answers ignored.\n`,
  );
  console.log(
    `${table(["program", "evaluations/s", "cerm's rate to this", "prompt tokens computed", "generated", "of the raw rate for its own tokens", "same text as one by one", "thread collapses"], rows)}\n`,
  );
}

/** Evaluations that parse: guided forms here, free generation up to the pack's limit there. */
async function guided(bench, threads, missing) {
  const { options, pack, tasks } = bench;
  const limit = pack.limits.evaluation;
  const cerm = async (settings) => {
    const { sequences } = options;
    const engine = await openEmbeddedEngine({ modelPath: bench.model, gpu: false, threads, sequences, ...settings });
    try {
      const request = ({ messages, form }) => ({ messages, form, maxTokens: limit });
      const { generations, seconds } = await runTasks(engine, tasks, request);
      return { seconds, output: sumUsage(generations).output, parsed: countParsed(bench, generations) };
    } finally {
      await engine.close();
    }
  };
  const contenders = { "cerm, guided": () => cerm({}), "cerm, unguided": () => cerm({ guided: false }) };
  if (bench.peer) {
    contenders["llama-cpp-python"] = async () => {
      const run = await runPeer(bench, threads, { maxTokens: limit, fixed: false });
      return { ...run, parsed: countParsed(bench, run.generations) };
    };
  }
  const runs = await runRounds(contenders, options.repeat, missing);
  const rate = (run) => run.parsed / run.seconds;
  const best = median(runs["cerm, guided"].map(rate));
  const rows = Object.entries(runs).map(([name, measured]) => [
    name,
    spread(measured.map(rate)),
    ratio(best, median(measured.map(rate))),
    spread(measured.map((run) => tasks.length / run.seconds)),
    `${measured[0].parsed} of ${tasks.length}`,
    figure(measured[0].output / tasks.length),
  ]);
  console.log(
    `Evaluations that parse, ${threads} thread(s): compact pack, up to ${limit} new tokens, greedy; read by the same parser.\n`,
  );
  console.log(
    `${table(["program", "parsed evaluations/s", "cerm's rate to this", "evaluations/s", "parsed", "sampled tokens each"], rows)}\n`,
  );
}

function countParsed({ pack, tasks }, generations) {
  return generations.filter(({ text, finishReason }, index) => {
    const { criteria, response } = tasks[index];
    return parseEvaluation(pack, { text, finishReason, criteria, response: response.text }).ok;
  }).length;
}

function sharedPrefix(lists) {
  const [first, ...rest] = lists;
  const at = first.findIndex((token, index) => rest.some((other) => other[index] !== token));
  return at === -1 ? first.length : at;
}
