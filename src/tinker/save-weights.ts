import type { Clock } from "../core/clock.ts";
import type { Call } from "./call.ts";
import { callJson } from "./call-json.ts";
import { listCheckpoints } from "./checkpoints.ts";
import { jsonRequest } from "./json-request.ts";
import { TinkerError } from "./tinker-error.ts";

export interface SaveRequest {
  what: string;
  modelId: string;
  name: string;
  kind: "training" | "sampler";
  seqId: number;
  signal?: AbortSignal;
}

/** Stands for the request whose answer was lost although the weights are being saved. */
export const savedUnderName = "";

/** Pause between looks for weights whose saving was not answered. */
const lookMs = 1000;

/**
 * Asks for the current weights to be saved; the request's id. A repetition after a lost answer is refused by servers that do
 * not look at sequence numbers here, because the name is taken: then `savedUnderName`, and `awaitSaved` finds the weights.
 */
export async function submitSave(call: Call, request: SaveRequest): Promise<string> {
  const { what, modelId, name, kind, seqId, signal } = request;
  let taken = false;
  const path = kind === "training" ? "/save_weights" : "/save_weights_for_sampler";
  const answer = await callJson(
    async (options) => {
      const result = await call({
        ...options,
        accept: ({ status }, { mayHaveArrived }) => {
          taken = status === 409 && mayHaveArrived;
          return taken;
        },
      });
      return taken ? { ...result, body: Buffer.from(JSON.stringify({ request_id: savedUnderName })) } : result;
    },
    { what, path, json: { model_id: modelId, path: name, seq_id: seqId }, repeat: "recognised", signal },
    jsonRequest,
  );
  return answer.request_id;
}

/** Waits until weights of this name are complete; their path. */
export async function awaitSaved(call: Call, clock: Clock, limitMs: number, request: SaveRequest): Promise<string> {
  const deadline = clock.now() + limitMs;
  for (;;) {
    const saved = await listCheckpoints(call, request.modelId, request.signal);
    const found = saved.find(({ name, kind }) => name === request.name && kind === request.kind);
    if (found !== undefined) return found.path;
    if (clock.now() >= deadline) {
      const message = `${request.what}: the answer was lost, and no weights of this name were complete within ${limitMs} ms`;
      throw new TinkerError("timeout", message, { retryable: false, resumable: true });
    }
    await clock.sleep(lookMs, request.signal);
  }
}
