// Puts and gets a second on SQLite, as a judge uses it: values of about 1.3 KB, hundreds of puts waiting at once.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions } from "./lib/options.mjs";
import { runClient } from "./lib/processes.mjs";
import { figure, median, printHead, spread, table } from "./lib/report.mjs";

const known = {
  rows: { default: 20_000, help: "rows each process puts and reads" },
  "in-flight": { default: 512, help: "puts that wait at once in a process" },
  processes: { default: [1, 2], help: "processes on one file" },
  repeat: { default: 3, help: "rounds, each with a new file" },
};
const client = fileURLToPath(new URL("./clients/store.mjs", import.meta.url));

export async function main(args) {
  const options = readOptions("store", known, args);
  if (options === undefined) return;
  printHead("Store: puts and gets a second (SQLite)", ["store", ...args]);
  const rows = [];
  for (const processes of options.processes) {
    const rounds = [];
    for (let round = 0; round < options.repeat; round++) rounds.push(await measureRound(processes, options));
    rows.push([
      String(processes),
      spread(rounds.map(({ puts }) => puts)),
      spread(rounds.map(({ gets }) => gets)),
      figure(median(rounds.map(({ putCpu }) => putCpu))),
      figure(median(rounds.map(({ megabytes }) => megabytes))),
      String(Math.max(...rounds.map(({ wrong }) => wrong))),
    ]);
  }
  console.log(
    `${options.rows} rows a process, ${options["in-flight"]} puts waiting at once in each; a put is done when its transaction is committed. Gets read all rows again in a new process.\n`,
  );
  console.log(
    `${table(["processes", "puts/s in all", "gets/s in all", "CPU s per 1,000 puts", "file MB", "wrong values"], rows)}\n`,
  );
}

async function measureRound(processes, options) {
  const folder = mkdtempSync(join(tmpdir(), "cerm-bench-"));
  const file = join(folder, "store.db");
  const { rows, "in-flight": inFlight } = options;
  const phase = (name) =>
    Promise.all(
      Array.from({ length: processes }, (_, index) =>
        runClient(process.execPath, [
          client,
          JSON.stringify({ url: file, rows, inFlight, from: index * rows, phase: name }),
        ]),
      ),
    );
  const perSecond = (runs) => runs.reduce((sum, run) => sum + run.rows / run.seconds, 0);
  try {
    const put = await phase("put");
    const got = await phase("get");
    const cpuSeconds = put.reduce((sum, run) => sum + run.cpuSeconds, 0);
    return {
      puts: perSecond(put),
      gets: perSecond(got),
      putCpu: (1000 * cpuSeconds) / (rows * processes),
      megabytes: statSync(file).size / 2 ** 20,
      wrong: got.reduce((sum, run) => sum + run.wrong, 0),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
