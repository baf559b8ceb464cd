// Curation of synthetic pairs of which is known what is wrong with each: what is found, at what cost, beside Python.
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/options.mjs";
import { ensurePeer } from "./lib/peers.mjs";
import { runClient } from "./lib/processes.mjs";
import { topFunctions } from "./lib/profile.mjs";
import { figure, printHead, printMissing, ratio, table } from "./lib/report.mjs";
import { shares, writeSyntheticPairs } from "./lib/synthetic-pairs.mjs";

const known = {
  rows: { default: 50_000, help: "pairs" },
  references: { default: 2_000, help: "items of the evaluation set that some pairs touch" },
  threads: { default: 2, help: "threads, and processes of the peer" },
  peer: { default: false, help: "also the same stages with Python's datasets and datasketch; installed where missing" },
  profile: { default: false, help: "instead: cerm's functions with the most CPU time, of all threads" },
  folder: {
    default: "",
    help: "where data and results go (default: a temporary folder); what is there is overwritten",
  },
};
const local = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function main(args) {
  const options = readOptions("curate", known, args);
  if (options === undefined) return;
  const folder = options.folder === "" ? mkdtempSync(join(tmpdir(), "cerm-bench-")) : options.folder;
  mkdirSync(folder, { recursive: true });
  try {
    await measure(options, args, folder);
  } finally {
    if (options.folder === "") rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(options, args, folder) {
  const missing = {};
  const peer = options.peer
    ? await ensurePeer("datasketch").catch((error) => {
        missing["datasets + datasketch"] = error.message;
      })
    : undefined;
  const versions = peer === undefined ? {} : { "datasets and datasketch": peer.version };
  printHead("Curation: synthetic pairs with known faults", ["curate", ...args], versions);
  const data = { pairsFile: join(folder, "pairs.jsonl"), referencesFile: join(folder, "references.jsonl") };
  const { kinds, truth } = await writeSyntheticPairs({ count: options.rows, references: options.references, ...data });
  const megabytes = statSync(data.pairsFile).size / 2 ** 20;
  console.log(
    `${options.rows.toLocaleString("en-US")} pairs, ${figure(megabytes)} MB of JSON Lines; ${Object.entries(shares)
      .map(([name, share]) => `${(100 * share).toFixed(1)} % ${name}`)
      .join(
        ", ",
      )}. Stages: shape and lengths, exact duplicates, near duplicates (MinHash LSH, 128 values, Jaccard 0.8, runs of 3 words), runs of 13 words in common with ${options.references} references. Times are of the whole process from reading the file to the written result.\n`,
  );
  const runs = { cerm: await runCerm(options, folder, data) };
  if (options.profile) return;
  if (peer !== undefined)
    try {
      runs["datasets + datasketch"] = await runPeer(options, folder, data, peer);
    } catch (error) {
      missing["datasets + datasketch"] = error.message;
    }
  await printFound(runs, kinds, truth);
  printCosts(runs);
  printMissing(missing);
}

async function runCerm(options, folder, { pairsFile, referencesFile }) {
  const recipe = join(folder, "recipe.yaml");
  const directory = join(folder, "run");
  rmSync(directory, { recursive: true, force: true });
  writeFileSync(
    recipe,
    JSON.stringify({
      name: "bench",
      inputs: [{ path: pairsFile, columns: { prompt: "prompt", chosen: "chosen", rejected: "rejected", id: "id" } }],
      stages: [
        "shape",
        { lengths: {} },
        "exact-duplicates",
        { "near-duplicates": { of: "pair", threshold: 0.8, words: 3 } },
        { decontamination: { files: [{ path: referencesFile, columns: ["prompt"], responses: ["response"] }] } },
      ],
      outputs: { parquet: false, report: false },
    }),
  );
  const profiling = options.profile ? ["--cpu-prof", "--cpu-prof-dir", folder] : [];
  const run = await runClient(process.execPath, [
    ...profiling,
    local("clients/curate.mjs"),
    JSON.stringify({ recipe, directory, threads: options.threads }),
  ]);
  if (options.profile) {
    const rows = topFunctions(folder, 40).map(({ name, where, share }) => [
      `\`${name}\``,
      `${(100 * share).toFixed(1)} %`,
      where,
    ]);
    console.log(`${table(["function", "self time", "place"], rows)}\n`);
    printCosts({ cerm: run });
  }
  return { ...run, kept: join(directory, "train.jsonl") };
}

async function runPeer(options, folder, { pairsFile, referencesFile }, { python }) {
  const out = join(folder, "peer.jsonl");
  const cache = join(folder, "peer-cache");
  rmSync(cache, { recursive: true, force: true });
  const given = { pairs: pairsFile, references: referencesFile, out, cache, processes: options.threads };
  const environment = { HF_HUB_OFFLINE: "1", HF_DATASETS_OFFLINE: "1", HF_HOME: cache };
  const run = await runClient(python, [local("clients/curate_client.py"), JSON.stringify(given)], {
    environment,
    timeoutMs: 7_200_000,
  });
  return { ...run, kept: out };
}

/** What became of the rows of every kind. */
async function printFound(runs, kinds, truth) {
  const names = Object.keys(runs);
  const rows = kinds.map((kind, index) => [kind, truth.filter((one) => one === index).length.toLocaleString("en-US")]);
  for (const name of names) {
    const kept = await keptByKind(runs[name].kept, truth, kinds.length);
    for (const [index, row] of rows.entries()) {
      const all = truth.filter((one) => one === index).length;
      const dropped = all - kept[index];
      row.push(`${dropped.toLocaleString("en-US")} (${((100 * dropped) / all).toFixed(3)} %)`);
    }
  }
  console.log(`${table(["kind of row", "rows", ...names.map((name) => `dropped by ${name}`)], rows)}\n`);
}

async function keptByKind(path, truth, count) {
  const kept = new Array(count).fill(0);
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { id } = JSON.parse(line);
    kept[truth[Number(id)]]++;
  }
  return kept;
}

function printCosts(runs) {
  const rows = Object.entries(runs).map(
    ([name, { seconds, cpuSeconds, childrenCpuSeconds = 0, maxRssMb, childrenMaxRssMb }]) => [
      name,
      figure(seconds),
      ratio(seconds, runs.cerm.seconds),
      figure(cpuSeconds + childrenCpuSeconds),
      figure(maxRssMb) + (childrenMaxRssMb === undefined ? "" : ` (a child process: ${figure(childrenMaxRssMb)})`),
    ],
  );
  console.log(`${table(["", "seconds", "to cerm", "CPU s", "peak MB"], rows)}\n`);
  for (const [name, { stages }] of Object.entries(runs)) {
    const cells = stages.map(({ name: stage, before, after, seconds }) => [
      stage,
      before.toLocaleString("en-US"),
      after.toLocaleString("en-US"),
      figure(seconds),
    ]);
    console.log(`### ${name}\n\n${table(["stage", "before", "after", "seconds"], cells)}\n`);
  }
}
