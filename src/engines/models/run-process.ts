import { spawn } from "node:child_process";
import type { Environment } from "./hub-client.ts";

/** How a process ended and what it printed. */
export interface ProcessResult {
  /** Exit code; `undefined` where a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

const keptCharacters = 100_000;

/**
 * Runs a program without a shell to its end. Rejects with the system's error where it cannot be started (`ENOENT`), and with
 * the signal's reason after ending it.
 */
export async function runProcess(
  command: readonly string[],
  options: { env: Environment; signal?: AbortSignal },
): Promise<ProcessResult> {
  options.signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, {
      env: options.env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      signal: options.signal,
      windowsHide: true,
    });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8");
      child[name].on("data", (text: string) => {
        output[name] = (output[name] + text).slice(-keptCharacters);
      });
    }
    let failure: unknown;
    child.on("error", (error) => {
      failure ??= options.signal?.aborted ? options.signal.reason : error;
      // Without a process there is no `close`.
      if (child.pid === undefined) reject(failure);
    });
    child.on("close", (code) => {
      if (failure !== undefined) reject(failure);
      else resolve({ code: code ?? undefined, ...output });
    });
  });
}
