// Guessing tokens that repeat the prompt, in plain generation: when does it pay?
import { basename } from "node:path";
import { EmbeddedEngine } from "../dist/engines/index.js";
import { countingBackend } from "./lib/counting-backend.mjs";
import { benchModel, evaluationTasks } from "./lib/judge-tasks.mjs";
import { readOptions, UsageError } from "./lib/options.mjs";
import { figure, median, printHead, ratio, spread, table } from "./lib/report.mjs";
import { runTasks, sumUsage } from "./lib/run-tasks.mjs";

const known = {
  model: { default: "", help: "GGUF file; else CERM_BENCH_MODEL, else the toy model" },
  data: { default: "", help: "queries with responses (JSON or JSON Lines)" },
  queries: { default: 1, help: "queries" },
  responses: { default: 8, help: "responses to each query" },
  "max-prompt": { default: 700, help: "longest prompt in tokens" },
  "new-tokens": { default: 128, help: "limit of new tokens" },
  threads: { default: 1, help: "threads" },
  sequences: { default: [1, 8], help: "generations at once" },
  settings: { default: ["2:2", "2:4", "3:3", "3:6", "4:8"], help: "pattern:length, in tokens" },
  repeat: { default: 1, help: "rounds; in each, all settings run one after the other" },
};

export async function main(args) {
  const options = readOptions("lookup", known, args);
  if (options === undefined) return;
  if (options.settings.length === 0) throw new UsageError("--settings: expected at least one pattern:length");
  const settings = [undefined, ...options.settings.map(parseSetting)];
  const model = await benchModel(options.model);
  const bench = await evaluationTasks(model, { ...options, maxPrompt: options["max-prompt"] });
  const tasks = bench.groups.flatMap((group) => group.tasks);
  printHead("Lookup: guessed tokens in plain generation", ["lookup", ...args], { model: basename(model) });
  console.log(
    `${tasks.length} evaluations of ${bench.data}, unguided, greedy, up to ${options["new-tokens"]} new tokens, ${options.threads} thread(s). The rate of generation leaves out the time that a run with one new token each takes. "Guesses right" counts what was guessed and kept.\n`,
  );
  for (const sequences of options.sequences) {
    const runs = settings.map(() => []);
    const prompts = [];
    for (let round = 0; round < options.repeat; round++) {
      prompts.push((await measure(model, tasks, { sequences, maxTokens: 1, threads: options.threads })).seconds);
      for (const [index, lookup] of settings.entries()) {
        const run = { lookup, sequences, maxTokens: options["new-tokens"], threads: options.threads };
        runs[index].push(await measure(model, tasks, run));
      }
    }
    printSequences(sequences, settings, runs, median(prompts));
  }
}

function printSequences(sequences, settings, runs, promptSeconds) {
  const seconds = (index) => median(runs[index].map((run) => run.seconds));
  const rows = settings.map((lookup, index) => {
    const { output, drafted, accepted, same } = runs[index][0];
    return [
      lookup === undefined ? "off" : `pattern ${lookup.pattern}, length ${lookup.length}`,
      spread(runs[index].map((run) => run.seconds)),
      ratio(seconds(0), seconds(index)),
      figure((output - runs[index][0].generations.length) / (seconds(index) - promptSeconds)),
      ratio(seconds(0) - promptSeconds, seconds(index) - promptSeconds),
      String(output),
      String(drafted),
      drafted === 0 ? "" : `${((100 * accepted) / drafted).toFixed(0)} %`,
      `${same(runs[0][0])} of ${runs[0][0].generations.length}`,
    ];
  });
  const speed = "speed to off";
  const head = [
    "lookup",
    "seconds",
    speed,
    "generation tokens/s",
    speed,
    "generated",
    "guessed",
    "guesses right",
    "same text as off",
  ];
  console.log(`### ${sequences} at once (prompts alone take ${figure(promptSeconds)} s)\n\n${table(head, rows)}\n`);
  const candidates = settings.map((_, index) => index).slice(1);
  const best = candidates.reduce((a, b) => (seconds(b) < seconds(a) ? b : a));
  const gain = seconds(0) / seconds(best);
  const verdict =
    gain > 1.03 ? `Wins most with ${rows[best][0]}` : `Does not win by more than 3 % (best: ${rows[best][0]})`;
  console.log(`${verdict}: the whole run is ${gain.toFixed(2)} times as fast as without.\n`);
}

async function measure(modelPath, tasks, { lookup, sequences, maxTokens, threads }) {
  const { backend, counts } = await countingBackend(modelPath);
  const engine = new EmbeddedEngine({ backend, model: "bench", threads, sequences, guided: false, lookup });
  try {
    let before = { ...counts };
    const request = (task) => {
      // The first task comes after the engine's warm-up, which is not counted.
      if (task === tasks[0]) before = { ...counts };
      return { messages: task.messages, maxTokens };
    };
    const { generations, seconds } = await runTasks(engine, tasks, request);
    const { output } = sumUsage(generations);
    // Every step gives a token or the end of the answer; what came beyond that was guessed.
    const ends = generations.filter(({ finishReason }) => finishReason === "stop").length;
    const accepted = Math.max(0, output + ends - (counts.steps - before.steps));
    const same = (other) => generations.filter(({ text }, index) => text === other.generations[index].text).length;
    return { seconds, output, drafted: counts.drafted - before.drafted, accepted, generations, same };
  } finally {
    await engine.close();
  }
}

function parseSetting(text) {
  const [pattern, length] = text.split(":").map(Number);
  if (!(pattern >= 1 && length >= 1)) throw new UsageError(`--settings: expected pattern:length, got "${text}"`);
  return { pattern, length };
}
