import { execFile, type SpawnOptions, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import assets from "../scripts/assets.json" with { type: "json" };
import { stableHash } from "../src/core/hash.ts";

const root = join(import.meta.dirname, "..");
const cache = join(root, "node_modules", ".cache", "cerm-test-cli");

/**
 * The compiled command line. It is compiled apart from `dist/`, which may be in use, once for every state of the sources,
 * and without the type check, which is a step of its own.
 */
export async function builtCli(): Promise<string> {
  const built = join(cache, await stateOfSources());
  const main = join(built, "dist", "cli", "main.js");
  if (await exists(main)) return main;
  await mkdir(cache, { recursive: true });
  await removeOld();
  const folder = await mkdtemp(join(cache, "making-"));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const settings = ["-p", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist"), "--noCheck"];
  await promisify(execFile)(process.execPath, [compiler, ...settings], { cwd: root });
  for (const asset of assets) await cp(join(root, "src", asset), join(folder, "dist", asset), { recursive: true });
  await cp(join(root, "package.json"), join(folder, "package.json"));
  // Another test process may have been faster; then its copy is as good.
  await rename(folder, built).catch(() => rm(folder, { recursive: true }));
  return main;
}

/** Starts the compiled command line. `written` is what it wrote so far, `ended` also how it ended. */
export function startCli(main: string, args: string[], options: SpawnOptions = {}) {
  const child = spawn(process.execPath, [main, ...args], { ...options, stdio: "pipe" });
  const written = { out: "", err: "" };
  child.stdout!.on("data", (chunk) => {
    written.out += chunk;
  });
  child.stderr!.on("data", (chunk) => {
    written.err += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }>(
    (resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, ...written }));
    },
  );
  return { child, written, ended };
}

async function stateOfSources(): Promise<string> {
  const names = await readdir(join(root, "src"), { recursive: true });
  const sources = names.filter((name) => /\.(ts|jinja|json|js|css)$/.test(name) && !name.endsWith(".test.ts")).sort();
  const states = sources.map(async (name) => [name, (await stat(join(root, "src", name))).mtimeMs]);
  return stableHash(await Promise.all(states)).slice(0, 16);
}

/** Copies of an hour ago are of sources that have changed since; younger ones may be running. */
async function removeOld(): Promise<void> {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
