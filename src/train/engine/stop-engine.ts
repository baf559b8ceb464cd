import { mkdir } from "node:fs/promises";
import type { Environment } from "../../engines/models/hub-client.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import { enginePaths } from "./engine-paths.ts";
import { type EngineState, isRunning, readEngineState, removeEngineState } from "./engine-state.ts";
import { endGroup } from "./process-group.ts";

/**
 * Ends the local engine with all its processes. Returns what was found: an engine that ran (`stopped`), one that was gone
 * already (`gone`), or `undefined` where there was none. Models in training are lost up to their last saved weights.
 */
export async function stopEngine(
  options: { env?: Environment; signal?: AbortSignal } = {},
): Promise<{ state: EngineState; outcome: "stopped" | "gone" } | undefined> {
  const paths = enginePaths(options.env);
  await mkdir(paths.directory, { recursive: true });
  return withLock(paths.lock, { signal: options.signal }, async () => {
    const state = await readEngineState(paths.state);
    if (state === undefined) return undefined;
    const running = await isRunning(state);
    if (running) await endGroup(state.pid);
    await removeEngineState(paths.state);
    return { state, outcome: running ? "stopped" : "gone" };
  });
}
