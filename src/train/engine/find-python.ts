import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../engines/models/hub-client.ts";
import { runProcess } from "../../engines/models/run-process.ts";
import { LocalEngineError } from "./local-engine-error.ts";

/** The minor versions of Python 3 that SkyRL runs on, the best tried one first. */
export const pythonMinors = [12, 13, 14];

/**
 * A Python that SkyRL runs on: `CERM_PYTHON` and no other where it is set, else one on the path, else one that pyenv keeps,
 * whose commands on the path refuse while another version is selected. `undefined` where there is none. Throws a
 * `LocalEngineError` `no-python` where `CERM_PYTHON` does not fit.
 */
export async function findPython(env: Environment, signal?: AbortSignal): Promise<string | undefined> {
  const chosen = env.CERM_PYTHON?.trim();
  if (chosen) {
    const version = await versionOf(chosen, env, signal);
    if (version !== undefined && isSupported(version)) return chosen;
    throw new LocalEngineError(
      "no-python",
      `CERM_PYTHON=${chosen}: ${version === undefined ? "this does not start" : `this is Python ${version}`}, expected Python 3.${pythonMinors[0]} to 3.${pythonMinors.at(-1)}. Name another, or unset it`,
    );
  }
  const named = pythonMinors.map((minor) => `python3.${minor}`);
  for (const program of [...named, "python3", "python", ...(await pyenvPythons(env))]) {
    const version = await versionOf(program, env, signal);
    if (version !== undefined && isSupported(version)) return program;
  }
  return undefined;
}

/** Interpreters in pyenv's versions folder that could fit, in the order of `pythonMinors`, newest patch first. */
async function pyenvPythons(env: Environment): Promise<string[]> {
  const folder = join(env.PYENV_ROOT || join(env.HOME || homedir(), ".pyenv"), "versions");
  const names = (await readdir(folder).catch(() => [])).filter(isSupported);
  const rank = (name: string) => pythonMinors.indexOf(Number(name.split(".")[1]));
  const patch = (name: string) => Number(name.split(".")[2]);
  return names
    .sort((a, b) => rank(a) - rank(b) || patch(b) - patch(a))
    .map((name) => join(folder, name, "bin", "python"));
}

function isSupported(version: string): boolean {
  const match = /^3\.(\d+)\.\d+$/.exec(version);
  return match !== null && pythonMinors.includes(Number(match[1]));
}

async function versionOf(program: string, env: Environment, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const script = "import sys; print('.'.join(map(str, sys.version_info[:3])))";
    const { code, stdout } = await runProcess([program, "-c", script], { env, signal });
    return code === 0 ? stdout.trim() : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
