import * as z from "zod";
import { callJson } from "./call-json.ts";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { compressBody } from "./compress.ts";
import type { Connection } from "./connection.ts";
import type { Datum } from "./datum.ts";
import { decodePass, decodeStep } from "./decode-pass.ts";
import { checkData, encodePass, type Pass, passAsJson } from "./encode-pass.ts";
import { jsonRequest } from "./json-request.ts";
import { parseJson } from "./read-answer.ts";
import { awaitSaved, type SaveRequest, savedUnderName, submitSave } from "./save-weights.ts";
import { checkWeightsName } from "./tinker-path.ts";
import type { AdamParams, Loss, PassResult, Trainer } from "./trainer.ts";

/** A trainer of a model on a Tinker server. */
export interface TinkerTrainer extends Trainer {
  readonly modelId: string;
  readonly baseModel: string;
}

const jsonSaved = z.object({ path: z.string() });

/** The trainer of a model that the server has made. */
export function createTrainer(connection: Connection, modelId: string, baseModel: string): TinkerTrainer {
  const { call, awaitResult, options } = connection;
  const queue = new CallQueue();
  const recognised = options.repeatSubmissions ? "recognised" : "unsafe";

  const run = <T>(name: string, kind: QueuedCall<T>["kind"], steps: Steps<T>, signal?: AbortSignal) => {
    const what = `${name} of ${modelId}`;
    const submit = (seqId: number) => steps.submit(what, seqId);
    return queue.run({ what, kind, signal, submit, result: (requestId) => steps.result(what, requestId) });
  };

  const pass = (data: Datum[], loss: Loss, forwardOnly: boolean, signal?: AbortSignal): Promise<PassResult> => {
    const name = forwardOnly ? "forward" : "forward_backward";
    const lengths = data.map(({ target }) => target.length);
    const submit = async (what: string, seqId: number) => {
      checkData(what, data, loss);
      const request = await passRequest({ modelId, seqId, data, loss, forwardOnly }, options.requestFormat);
      const repeat = forwardOnly ? "harmless" : recognised;
      const answer = await call({ what, method: "POST", repeat, signal, ...request });
      return parseJson(what, answer, jsonRequest).request_id;
    };
    const result = async (what: string, requestId: string) =>
      decodePass(what, await awaitResult(what, requestId, signal), lengths);
    return run(name, forwardOnly ? "other" : "pass", { submit, result }, signal);
  };

  const save = (kind: SaveRequest["kind"], name: string, signal?: AbortSignal): Promise<string> => {
    const request = (what: string, seqId: number) => ({ what, modelId, name, kind, seqId, signal });
    const submit = async (what: string, seqId: number) => {
      checkWeightsName(what, name);
      return submitSave(call, request(what, seqId));
    };
    const result = async (what: string, requestId: string) =>
      requestId === savedUnderName
        ? awaitSaved(call, options.clock, options.resultMs, request(what, 0))
        : parseJson(what, await awaitResult(what, requestId, signal), jsonSaved).path;
    return run(kind === "training" ? "save_weights" : "save_weights_for_sampler", "other", { submit, result }, signal);
  };

  return {
    modelId,
    baseModel,
    forwardBackward: (data, loss, signal) => pass(data, loss, false, signal),
    forward: (data, signal) => pass(data, { name: "cross_entropy" }, true, signal),
    optimStep: (params, signal) => {
      const submit = async (what: string, seqId: number) => {
        const json = { model_id: modelId, adam_params: adamParams(params), seq_id: seqId };
        const request = { what, path: "/optim_step", json, repeat: recognised, signal } as const;
        return (await callJson(call, request, jsonRequest)).request_id;
      };
      const result = async (what: string, id: string) => decodeStep(what, await awaitResult(what, id, signal));
      return run("optim_step", "step", { submit, result }, signal);
    },
    saveWeights: (name, signal) => save("training", name, signal),
    saveWeightsForSampler: (name, signal) => save("sampler", name, signal),
    loadWeights: (path, { optimizer = true, signal } = {}) => {
      const submit = async (what: string, seqId: number) => {
        const json = { model_id: modelId, path, optimizer, seq_id: seqId };
        const request = { what, path: "/load_weights", json, repeat: "unsafe", signal } as const;
        return (await callJson(call, request, jsonRequest)).request_id;
      };
      const result = async (what: string, requestId: string) => {
        await awaitResult(what, requestId, signal);
      };
      return run(`load_weights from ${path}`, "load", { submit, result }, signal);
    },
  };
}

interface Steps<T> {
  submit(what: string, seqId: number): Promise<string>;
  result(what: string, requestId: string): Promise<T>;
}

function adamParams({ learningRate, beta1, beta2, epsilon, weightDecay }: AdamParams) {
  return { learning_rate: learningRate, beta1, beta2, eps: epsilon, weight_decay: weightDecay };
}

async function passRequest(pass: Pass, format: "protobuf" | "json") {
  if (format === "json") {
    const path = pass.forwardOnly ? "/forward" : "/forward_backward";
    return { path, body: JSON.stringify(passAsJson(pass)), headers: { "content-type": "application/json" } };
  }
  const { body, headers } = await compressBody(encodePass(pass));
  return { path: "/forward_backward", body, headers: { "content-type": "application/x-protobuf", ...headers } };
}
