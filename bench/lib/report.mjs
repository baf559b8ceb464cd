import { readdirSync, readFileSync, statSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A GitHub table. Numbers are right-aligned; the first column is text. */
export function table(header, rows) {
  const cells = [header, header.map((_, column) => (column === 0 ? ":--" : "--:")), ...rows];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Prints where, when and with what a measurement was made. `versions` maps further programs to their versions. */
export function printHead(title, args, versions = {}) {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const processors = cpus();
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  const all = { cerm: version, node: process.versions.node, ...versions };
  console.log(`## ${title}\n`);
  console.log(`* Command: \`node bench/run.mjs ${args.join(" ")}\``);
  console.log(`* Date: ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`);
  console.log(
    `* Machine: ${processors.length} x ${processors[0]?.model.trim()}, ${gigabytes} GB, ${process.platform} ${release()}`,
  );
  console.log(
    `* Load average at the start: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}`,
  );
  console.log(
    `* Versions: ${Object.entries(all)
      .map(([name, each]) => `${name} ${each}`)
      .join(", ")}`,
  );
  if (buildIsStale()) console.log("* Note: src/ is newer than dist/; `npm run build` measures the present source");
  console.log("");
}

/** Says which of the named alternatives are missing, and why. */
export function printMissing(missing) {
  for (const [name, reason] of Object.entries(missing)) console.log(`* Not available: ${name} (${reason})`);
  if (Object.keys(missing).length > 0) console.log("");
}

/** A number with as many digits as say something. */
export function figure(value, digits = 3) {
  if (value === undefined || Number.isNaN(value)) return "";
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 10 ** (digits - 1)) return Math.round(value).toLocaleString("en-US");
  return value.toPrecision(digits);
}

/** `a` as a multiple of `b`. */
export function ratio(a, b) {
  if (a === undefined || b === undefined) return "";
  return b === 0 ? "no limit" : `${(a / b).toFixed(2)}x`;
}

/** Middle value; of an even number of values the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median, and the range where there are several values. */
export function spread(values, digits = 3) {
  if (values.length === 1) return figure(values[0], digits);
  return `${figure(median(values), digits)} (${figure(Math.min(...values), digits)} to ${figure(Math.max(...values), digits)})`;
}

function buildIsStale() {
  const built = statSync(join(root, "dist/index.js")).mtimeMs;
  return readdirSync(join(root, "src"), { recursive: true })
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
    .some((path) => statSync(join(root, "src", path)).mtimeMs > built);
}
