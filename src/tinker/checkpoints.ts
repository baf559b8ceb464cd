import * as z from "zod";
import type { Call } from "./call.ts";
import { callJson } from "./call-json.ts";
import { parseTinkerPath } from "./tinker-path.ts";

/** Weights that a server keeps. */
export interface SavedWeights {
  name: string;
  /** `"training"`: with the optimiser's state, to go on from. `"sampler"`: to sample from and to download. */
  kind: "training" | "sampler";
  /** When it was complete, as ISO 8601. */
  time: string;
  path: string;
}

/** A model the server made, and its settings. */
export interface TrainingRun {
  id: string;
  baseModel: string;
  /** LoRA rank; undefined where all weights are trained or the server does not say. */
  rank: number | undefined;
  lastRequestTime: string;
}

const jsonCheckpoints = z.object({
  checkpoints: z.array(
    z.object({
      checkpoint_id: z.string(),
      checkpoint_type: z.enum(["training", "sampler"]),
      time: z.string(),
      tinker_path: z.string(),
    }),
  ),
});

const jsonRuns = z.object({
  training_runs: z.array(
    z.object({
      training_run_id: z.string(),
      base_model: z.string(),
      lora_rank: z.int().nullish(),
      last_request_time: z.string(),
    }),
  ),
});

/** Runs asked for at once. */
const pageSize = 100;

/** Every training run the server knows. */
export async function listTrainingRuns(call: Call, signal?: AbortSignal): Promise<TrainingRun[]> {
  const runs: TrainingRun[] = [];
  for (;;) {
    const path = `/training_runs?limit=${pageSize}&offset=${runs.length}`;
    const request = { what: "training_runs", path, repeat: "harmless", signal } as const;
    const { training_runs: page } = await callJson(call, request, jsonRuns);
    for (const run of page) {
      const { training_run_id: id, base_model: baseModel, lora_rank: rank, last_request_time: lastRequestTime } = run;
      runs.push({ id, baseModel, rank: rank ?? undefined, lastRequestTime });
    }
    if (page.length < pageSize) return runs;
  }
}

/** The finished weights of a training run. */
export async function listCheckpoints(call: Call, runId: string, signal?: AbortSignal): Promise<SavedWeights[]> {
  const path = `/training_runs/${encodeURIComponent(runId)}/checkpoints`;
  const request = { what: `checkpoints of ${runId}`, path, repeat: "harmless", signal } as const;
  const { checkpoints } = await callJson(call, request, jsonCheckpoints);
  return checkpoints.map(({ checkpoint_id, checkpoint_type: kind, time, tinker_path }) => ({
    // The hosted service says "weights/NAME" where SkyRL says "NAME".
    name: checkpoint_id.slice(checkpoint_id.lastIndexOf("/") + 1),
    ...{ kind, time, path: tinker_path },
  }));
}

/** Deletes weights for good. Weights that are not there are no error. */
export async function deleteCheckpoint(call: Call, path: string, signal?: AbortSignal): Promise<void> {
  const { runId, kind, name } = parseTinkerPath(path);
  const folder = kind === "training" ? "weights" : "sampler_weights";
  await call({
    ...{ what: `deletion of ${path}`, method: "DELETE", repeat: "harmless", signal },
    path: `/training_runs/${encodeURIComponent(runId)}/checkpoints/${folder}/${encodeURIComponent(name)}`,
    accept: ({ status }) => status === 404,
  });
}
