import type { Environment } from "../../engines/models/hub-client.ts";
import { enginePaths } from "./engine-paths.ts";
import { type EngineState, isRunning, readEngineState } from "./engine-state.ts";
import { isHealthy } from "./wait-until-ready.ts";

/**
 * How the local engine is: `running` and answers, `starting` (or a start was killed while it did), `silent` (its processes
 * live, and it does not answer), `gone` (it ended by itself or was killed), `none` (never started, or stopped).
 */
export type EngineStatus =
  | { status: "running" | "starting" | "silent" | "gone"; state: EngineState }
  | { status: "none"; state?: undefined };

export async function engineStatus(env: Environment = process.env): Promise<EngineStatus> {
  const state = await readEngineState(enginePaths(env).state);
  if (state === undefined) return { status: "none" };
  if (!(await isRunning(state))) return { status: "gone", state };
  if (!state.ready) return { status: "starting", state };
  return { status: (await isHealthy(state.url)) ? "running" : "silent", state };
}
