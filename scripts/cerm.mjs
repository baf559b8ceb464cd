// Runs the command line of this checkout, building it first where there is no build.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

if (!existsSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url)))) await import("./build.mjs");
process.argv.splice(1, 1, "cerm");
await import("../dist/cli/main.js");
