// The main job on example queries with the model this machine has, or can get: criteria, evaluations, rewards, ranking.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
await import("./build.mjs");
const result = spawnSync(
  process.execPath,
  [
    path("../dist/cli/main.js"),
    "rank",
    path("../examples/quickstart.jsonl"),
    "--text",
    "--score",
    "expected",
    ...process.argv.slice(2),
  ],
  { stdio: "inherit" },
);
// Code 3 means that something could not be scored; the output says what and why.
process.exit(result.status === 3 ? 0 : (result.status ?? 1));
