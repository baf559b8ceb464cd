import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { writeFileAtomically } from "../../engines/models/write-atomically.ts";
import { groupMembers } from "./process-group.ts";

const stateSchema = z.object({
  /** Process id of the first process, which is also the id of its group. */
  pid: z.number().int().positive(),
  port: z.number().int(),
  /** Address for Tinker clients. */
  url: z.string(),
  model: z.object({ name: z.string(), path: z.string(), source: z.string(), requested: z.string() }),
  accelerator: z.enum(["cpu", "cuda"]),
  backendConfig: z.record(z.string(), z.unknown()),
  log: z.string(),
  checkpoints: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  /** False until the engine has answered. */
  ready: z.boolean(),
});

/** The engine that was started last. */
export type EngineState = z.infer<typeof stateSchema>;

/** The state at `path`; `undefined` where there is none, or it cannot be read. */
export async function readEngineState(path: string): Promise<EngineState | undefined> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

export async function writeEngineState(path: string, state: EngineState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, `${JSON.stringify(state, null, 2)}\n`);
}

export async function removeEngineState(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Whether the engine of a state lives: its process group has a member that is SkyRL, not a later process of that number. */
export async function isRunning(state: EngineState): Promise<boolean> {
  return (await groupMembers(state.pid)).some(({ command }) => command.includes("skyrl.tinker"));
}
