// The whole judge over HTTP against a stub, beside other judges' clients: evaluations a second, CPU time, memory.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { oneOf, readOptions } from "./lib/options.mjs";
import { ensurePeer } from "./lib/peers.mjs";
import { runClient, startServer } from "./lib/processes.mjs";
import { topFunctions } from "./lib/profile.mjs";
import { figure, median, printHead, printMissing, ratio, spread, table } from "./lib/report.mjs";
import { syntheticItems } from "./lib/synthetic-items.mjs";

const known = {
  queries: { default: 250, help: "queries" },
  responses: { default: 8, help: "responses to each query; with --items 1 unless given" },
  "in-flight": { default: 512, help: "calls in flight" },
  latency: { default: 20, help: "milliseconds the stub takes for a call" },
  repeat: { default: 3, help: "rounds; in each, the clients run one after the other" },
  peers: { default: [], help: "other judges to measure: autoevals,openjudge,deepeval; installed where missing" },
  items: { default: 0, help: "instead: memory of cerm over this many items of one response each" },
  profile: { default: false, help: "instead: cerm's functions with the most CPU time" },
};
const local = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function main(args) {
  const options = readOptions("http", known, args);
  if (options === undefined) return;
  oneOf("peers", options.peers, ["autoevals", "openjudge", "deepeval"]);
  const folder = mkdtempSync(join(tmpdir(), "cerm-bench-"));
  try {
    if (options.items > 0) await memory(options, args, folder);
    else if (options.profile) await profile(options, args, folder);
    else await compare(options, args, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(options, args, folder) {
  const { queries, responses } = options;
  const { clients, versions, missing } = await availableClients(options, folder);
  printHead("HTTP: the whole two-turn judge against a stub", ["http", ...args], versions);
  console.log(
    `${queries} queries x ${responses} responses = ${queries * responses} evaluations, ${options["in-flight"]} calls in flight, ${options.latency} ms a call. ` +
      `cerm: ${queries} criteria and ${queries * responses} evaluation calls, prompts rendered, answers parsed, all kept in SQLite; bare: the same calls with Node's http and nothing else; the others: one call per evaluation, no criteria, no store. ` +
      "CPU time is the client's own, from the first call to the last result.\n",
  );
  const runs = new Map(clients.map(({ name }) => [name, []]));
  for (let round = 0; round < options.repeat; round++) {
    for (const client of clients) {
      try {
        runs.get(client.name).push(await withStub(options, (url) => client.run(url, round)));
      } catch (error) {
        missing[client.name] = error.message;
      }
    }
  }
  const rate = (run) => run.evaluations / run.seconds;
  const cpu = (run) => (1000 * run.cpuSeconds) / run.evaluations;
  const middle = (name, of) => (runs.get(name).length === 0 ? undefined : median(runs.get(name).map(of)));
  const rows = [...runs]
    .filter(([, measured]) => measured.length > 0)
    .map(([name, measured]) => [
      name,
      spread(measured.map(rate)),
      spread(measured.map(cpu)),
      ratio(middle("cerm", rate), middle(name, rate)),
      ratio(middle(name, cpu), middle("cerm", cpu)),
      figure(median(measured.map((run) => run.maxRssMb))),
      String(measured[0].calls),
      String(measured[0].mostInFlight),
      String(Math.max(...measured.map((run) => run.unscored))),
    ]);
  const head = [
    "client",
    "evaluations/s",
    "CPU s per 1,000",
    "cerm's rate to this",
    "this CPU to cerm's",
    "peak MB",
    "calls",
    "most in flight",
    "unscored",
  ];
  console.log(`${table(head, rows)}\n`);
  printMissing(missing);
}

async function availableClients(options, folder) {
  const { queries, responses, "in-flight": inFlight } = options;
  const pairs = join(folder, "pairs.jsonl");
  const lines = [...syntheticItems(queries, responses)].flatMap((item) =>
    item.responses.map(({ text }) => JSON.stringify([item.query.messages[0].content, text])),
  );
  writeFileSync(pairs, `${lines.join("\n")}\n`);
  const node = (file, more) => (url, round) =>
    runClient(process.execPath, [
      local(file),
      JSON.stringify({ url, queries, responses, inFlight, reportEvery: 0, ...more?.(round) }),
    ]);
  const clients = [
    { name: "cerm", run: node("clients/cerm.mjs", (round) => ({ store: join(folder, `store-${round}.db`) })) },
    { name: "bare Node http", run: node("clients/bare.mjs") },
  ];
  const versions = {};
  const missing = {};
  for (const name of options.peers) {
    try {
      const { version, module, python } = await ensurePeer(name);
      versions[name] = version;
      const script = local(`clients/${name}_client.py`);
      const environment = { DEEPEVAL_TELEMETRY_OPT_OUT: "YES", ERROR_REPORTING: "NO", DEEPEVAL_DISABLE_DOTENV: "1" };
      const runPython = (url) =>
        runClient(python, [script, JSON.stringify({ url, inFlight, pairs })], { environment, timeoutMs: 600_000 });
      clients.push({ name, run: module ? node(`clients/${name}.mjs`, () => ({ module })) : runPython });
    } catch (error) {
      missing[name] = error.message;
    }
  }
  return { clients, versions, missing };
}

async function memory(options, args, folder) {
  printHead("HTTP: memory over many items", ["http", ...args]);
  const responses = args.some((arg) => arg.startsWith("--responses")) ? options.responses : 1;
  const config = {
    queries: options.items,
    responses,
    inFlight: options["in-flight"],
    store: join(folder, "store.db"),
    reportEvery: Math.min(10_000, options.items),
  };
  const rows = [];
  const result = await withStub(options, (url) =>
    runClient(process.execPath, [local("clients/cerm.mjs"), JSON.stringify({ ...config, url })], {
      onLine: (line) => line.startsWith("{") && rows.push(JSON.parse(line)),
    }),
  );
  console.log(`${options.items} items of ${responses} response(s), ${result.calls} calls, store in SQLite.\n`);
  const cells = rows.map((row) => [
    row.items.toLocaleString("en-US"),
    figure(row.seconds),
    figure(row.rssMb),
    figure(row.heapMb),
    figure(row.maxRssMb),
  ]);
  console.log(`${table(["items", "seconds", "RSS MB", "heap MB", "peak RSS MB"], cells)}\n`);
  console.log(
    `${figure(result.evaluations / result.seconds)} evaluations/s, ${result.unscored} unscored, ${figure((1000 * result.cpuSeconds) / result.evaluations)} CPU s per 1,000.\n`,
  );
}

async function profile(options, args, folder) {
  printHead("HTTP: where cerm's CPU time goes", ["http", ...args]);
  const { queries, responses, "in-flight": inFlight } = options;
  const config = { queries, responses, inFlight, store: join(folder, "store.db"), reportEvery: 0 };
  await withStub(options, (url) =>
    runClient(process.execPath, [
      "--cpu-prof",
      "--cpu-prof-dir",
      folder,
      local("clients/cerm.mjs"),
      JSON.stringify({ ...config, url }),
    ]),
  );
  const rows = topFunctions(folder, 25).map(({ name, where, share }) => [
    `\`${name}\``,
    `${(100 * share).toFixed(1)} %`,
    where,
  ]);
  console.log(`${table(["function", "self time", "place"], rows)}\n`);
}

/** Runs a client on a stub of its own; adds how many calls the stub counted. */
async function withStub(options, run) {
  const stub = await startServer(process.execPath, [
    local("lib/stub.mjs"),
    JSON.stringify({ latencyMs: options.latency }),
  ]);
  let counts;
  let result;
  try {
    result = await run(stub.url);
  } finally {
    counts = await stub.stop();
  }
  return { ...result, calls: counts.completions, mostInFlight: counts.mostInFlight };
}
