import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatBytes } from "../../engines/models/format-bytes.ts";
import { requireSpace } from "../../engines/models/free-space.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import { runProcess } from "../../engines/models/run-process.ts";
import type { Accelerator } from "./detect-accelerator.ts";
import { findPython, pythonMinors } from "./find-python.ts";
import { findUv } from "./find-uv.ts";
import { LocalEngineError } from "./local-engine-error.ts";
import { environmentBytes, pinnedRequirements, skyrlVersion } from "./requirements.ts";

export interface InstallOptions {
  accelerator: Accelerator;
  /** Folder of the virtual environments (`EnginePaths.environments`). */
  directory: string;
  env: Environment;
  signal?: AbortSignal;
  /** Gets a line before anything large is downloaded. */
  say: (line: string) => void;
}

/** A virtual environment with SkyRL, complete. */
export interface PythonEnvironment {
  accelerator: Accelerator;
  path: string;
  /** Path of its interpreter. */
  python: string;
  /** Path or name of uv. */
  uv: string;
}

/**
 * The Python environment of an accelerator, made where it is missing and brought up to date where its pinned packages have
 * changed. Throws a `LocalEngineError`, or a `ModelError` `no-space`.
 */
export async function installEnvironment(options: InstallOptions): Promise<PythonEnvironment> {
  const { accelerator, directory, env, say } = options;
  const path = join(directory, accelerator);
  const python = join(path, "bin", "python");
  const marker = join(path, "installed");
  const requirements = await pinnedRequirements(accelerator);
  await mkdir(directory, { recursive: true });
  const onWait = () => say("Waiting for another process that installs the engine.");
  return withLock(`${path}.lock`, { signal: options.signal, onWait }, async (signal) => {
    const uv = await findUv(join(directory, "uv"), { env, signal, say });
    const installed = await readFile(marker, "utf8").catch(() => undefined);
    const works = installed !== undefined && (await starts(python, env, signal));
    if (works && installed === requirements.hash) return { accelerator, path, python, uv };
    const bytes = environmentBytes[accelerator];
    await requireSpace(directory, works ? bytes / 4 : bytes);
    say(`Installing SkyRL ${skyrlVersion} with JAX (${accelerator}) into ${path}: about ${formatBytes(bytes)}.`);
    await rm(marker, { force: true });
    if (!works) await makeEnvironment(uv, path, env, signal);
    const sync = [uv, "pip", "sync", "--directory", directory, "--python", python, requirements.file];
    await run(
      sync,
      "install-failed",
      env,
      signal,
      "Check the network and uv's settings, and run the same command again",
    );
    await writeFile(marker, requirements.hash);
    return { accelerator, path, python, uv };
  });
}

async function makeEnvironment(uv: string, path: string, env: Environment, signal: AbortSignal): Promise<void> {
  const found = await findPython(env, signal);
  const wanted = found ?? `3.${pythonMinors[0]}`;
  const advice =
    found === undefined
      ? `No Python 3.${pythonMinors[0]} to 3.${pythonMinors.at(-1)} is here and uv could not download one. Install one, or set CERM_PYTHON to its path`
      : "Set CERM_PYTHON to the path of another Python";
  const command = [uv, "venv", "--directory", dirname(path), "--clear", "--python", wanted, path];
  await run(command, "no-python", env, signal, advice);
}

async function starts(python: string, env: Environment, signal: AbortSignal): Promise<boolean> {
  try {
    return (await runProcess([python, "-c", ""], { env, signal })).code === 0;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function run(
  command: string[],
  failure: "install-failed" | "no-python",
  env: Environment,
  signal: AbortSignal,
  advice: string,
): Promise<void> {
  const { code, stderr } = await runProcess(command, { env, signal });
  if (code === 0) return;
  const said = stderr.trim().split("\n").slice(-12).join("\n");
  throw new LocalEngineError(failure, `${command.slice(0, 3).join(" ")} failed:\n${said}\n${advice}`);
}
