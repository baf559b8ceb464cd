// Compiles src/ to dist/ and copies what the compiler does not: the prompt packs, and the script and style of reports.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
rmSync(join(root, "dist"), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit", cwd: root });
} catch (error) {
  process.exit(error.status ?? 1);
}
for (const folder of JSON.parse(readFileSync(join(root, "scripts/assets.json"), "utf8")))
  cpSync(join(root, "src", folder), join(root, "dist", folder), { recursive: true });
if (existsSync(join(root, "dist/cli/main.js"))) chmodSync(join(root, "dist/cli/main.js"), 0o755);
