import { setTimeout as sleep } from "node:timers/promises";
import { type EngineState, isRunning } from "./engine-state.ts";
import { LocalEngineError } from "./local-engine-error.ts";
import { lastLines } from "./read-log.ts";

/** What the engine process logs when the base model is loaded; until then the server accepts requests and answers none. */
const engineReady = "Starting background engine...";

export interface WaitOptions {
  signal?: AbortSignal;
  /** Seconds since the start, and the last line of the log. */
  onProgress?: (seconds: number, line: string) => void;
  /** Milliseconds between two looks. Default 500. */
  pollMs?: number;
}

/**
 * Resolves when the server answers and its engine has loaded the base model. Rejects with a `LocalEngineError`
 * `engine-died` that ends with the log's last lines, or where the signal aborts.
 */
export async function waitUntilReady(state: EngineState, options: WaitOptions = {}): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const lines = await lastLines(state.log, 200);
    if (lines.some((line) => line.endsWith(engineReady)) && (await isHealthy(state.url, options.signal))) return;
    if (!(await isRunning(state))) throw died(state, await lastLines(state.log, 20));
    options.onProgress?.((performance.now() - startedAt) / 1000, lines.at(-1) ?? "");
    await sleep(options.pollMs ?? 500, undefined, { signal: options.signal });
  }
}

/** Whether the server says that it is well. */
export async function isHealthy(url: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const timeout = AbortSignal.timeout(5_000);
    const response = await fetch(`${url}/api/v1/healthz`, {
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return response.ok && ((await response.json()) as { status?: unknown }).status === "ok";
  } catch {
    return false;
  }
}

function died(state: EngineState, tail: string[]): LocalEngineError {
  const text = tail.map((line) => `  ${line}`).join("\n");
  const memory = /RESOURCE_EXHAUSTED|out of memory|MemoryError|exit code -9/i.test(text);
  const advice = memory
    ? "It ran out of memory: use a smaller model, --max-lora-rank or max_lora_adapters"
    : `All of it is in ${state.log}`;
  return new LocalEngineError(
    "engine-died",
    `the engine ended before it was ready. Its last lines:\n${text}\n${advice}`,
  );
}
