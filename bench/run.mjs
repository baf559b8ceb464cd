// Runs a measurement: node bench/run.mjs http|embedded|tokens|lookup|store|curate|rollout [options]. Builds dist/ where there is none.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const measurements = ["http", "embedded", "tokens", "lookup", "store", "curate", "rollout"];
const usage = `node bench/run.mjs ${measurements.join("|")} [options]

Prints Markdown: the machine, the command, the versions and the figures.
Options of a measurement: node bench/run.mjs http --help
Example: node bench/run.mjs http --peers autoevals,openjudge`;

const [name, ...rest] = process.argv.slice(2);
if (name === "--help" || name === "-h") {
  console.log(usage);
} else if (!measurements.includes(name)) {
  console.error(`expected one of ${measurements.join(", ")}, got ${name ?? "nothing"}\n\n${usage}`);
  process.exitCode = 2;
} else {
  if (!existsSync(fileURLToPath(new URL("../dist/index.js", import.meta.url)))) await import("../scripts/build.mjs");
  const { main } = await import(`./${name}.mjs`);
  await main(rest).catch((error) => {
    // Errors with a code are cerm's own and say what to do; anything else is a bug, whose place matters.
    const expected = error.exitCode === 2 || error.code === "bad-input";
    console.error(expected ? `error: ${error.message}` : error);
    process.exitCode = expected ? 2 : 1;
  });
}
