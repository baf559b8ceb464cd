import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { findPip } from "../../engines/models/find-pip.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import { ModelError } from "../../engines/models/model-error.ts";
import { runProcess } from "../../engines/models/run-process.ts";
import { LocalEngineError } from "./local-engine-error.ts";

/** The version that is installed where there is none. */
const uvVersion = "0.13.9";

/**
 * Path of uv, or its name where it is on the path; where it is not, the user's pip installs it (once, some 60 MB) into `folder`.
 * Throws a `LocalEngineError` `no-uv`.
 */
export async function findUv(
  folder: string,
  options: { env: Environment; signal?: AbortSignal; say: (line: string) => void },
): Promise<string> {
  const { env, signal, say } = options;
  const own = join(folder, "bin", "uv");
  for (const program of ["uv", own]) if (await answers(program, env, signal)) return program;
  say(`Installing uv ${uvVersion} into ${folder}.`);
  // A part of it must not be taken for the whole.
  const making = `${folder}.${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    const pip = await findPip(env, signal);
    const command = [
      ...pip,
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--target",
      making,
      `uv==${uvVersion}`,
    ];
    const { code, stderr } = await runProcess(command, { env: { ...env, PIP_NO_INPUT: "1" }, signal });
    if (code !== 0) throw noUv(`${command.join(" ")} failed: ${stderr.trim().slice(-400)}`);
    await rm(folder, { recursive: true, force: true });
    await rename(making, folder);
  } catch (error) {
    throw error instanceof ModelError ? noUv(error.message, error) : error;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  if (!(await answers(own, env, signal))) throw noUv(`${own} was installed and does not start`);
  return own;
}

async function answers(program: string, env: Environment, signal?: AbortSignal): Promise<boolean> {
  try {
    return (await runProcess([program, "--version"], { env, signal })).code === 0;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

function noUv(problem: string, cause?: unknown): LocalEngineError {
  return new LocalEngineError("no-uv", `uv is not on the path, and pip could not install it: ${problem}. Install uv`, {
    cause,
  });
}
