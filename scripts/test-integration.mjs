// Sets up what the integration tests need and runs them: a build of the command line, and a real OpenAI-compatible
// server (llama-cpp-python, from PyPI) in a virtual environment that is kept between runs. The tests get the real model
// and the database by themselves.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const serverPackage = "llama-cpp-python[server]==0.3.36";
const root = fileURLToPath(new URL("..", import.meta.url));
const cache = process.env.CERM_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cerm-test");

await import("./build.mjs");
const venv = join(cache, "llama-cpp-python-0.3.36");
if (!existsSync(join(venv, "complete"))) {
  console.log(`installing ${serverPackage} (it is compiled: minutes the first time)`);
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  execFileSync("python3", ["-m", "venv", venv], { stdio: "inherit" });
  execFileSync(join(venv, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", serverPackage], {
    stdio: "inherit",
    env: { ...process.env, CMAKE_BUILD_PARALLEL_LEVEL: process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? "2" },
  });
  writeFileSync(join(venv, "complete"), "");
}
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const run = spawnSync(process.execPath, [vitest, "run", "--project", "integration", ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, CERM_TEST_CACHE: cache, CERM_TEST_PYTHON: join(venv, "bin", "python") },
});
process.exit(run.status ?? 1);
