// Runs the integration tests, having installed what they need: the compiled command line, llama-cpp-python's server in a
// virtual environment, and SkyRL in another (6 GB).
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const serverPackage = "llama-cpp-python[server]==0.3.36";
const root = fileURLToPath(new URL("..", import.meta.url));
const cache = process.env.CERM_TEST_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cerm-test");
const run = promisify(execFile);

await import("./build.mjs");
mkdirSync(cache, { recursive: true });
// One compiles, the other downloads.
const [venv] = await Promise.all([installServer(), installTraining()]);
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const tests = spawnSync(process.execPath, [vitest, "run", "--project", "integration", ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, CERM_TEST_CACHE: cache, CERM_TEST_PYTHON: join(venv, "bin", "python") },
});
process.exit(tests.status ?? 1);

/** The virtual environment with llama-cpp-python's server. */
async function installServer() {
  const venv = join(cache, "llama-cpp-python-0.3.36");
  if (existsSync(join(venv, "complete"))) return venv;
  console.log(`installing ${serverPackage} (it is compiled: minutes the first time)`);
  rmSync(venv, { recursive: true, force: true });
  await run("python3", ["-m", "venv", venv]);
  await run(join(venv, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", serverPackage], {
    env: { ...process.env, CMAKE_BUILD_PARALLEL_LEVEL: process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? "2" },
  });
  writeFileSync(join(venv, "complete"), "");
  return venv;
}

/** SkyRL's environment on the processor, where test/tiny-model.ts looks for it. */
async function installTraining() {
  const { installEnvironment } = await import("../dist/train/engine/index.js");
  const directory = join(cache, "training");
  await installEnvironment({ accelerator: "cpu", directory, env: process.env, say: (line) => console.log(line) });
}
