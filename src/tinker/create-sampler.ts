import { callJson } from "./call-json.ts";
import type { Connection } from "./connection.ts";
import { decodeSample } from "./decode-sample.ts";
import { jsonRequest } from "./json-request.ts";
import type { SampleRequest, Sampler } from "./sampler.ts";
import { TinkerError } from "./tinker-error.ts";

/** Weights to sample from: a model as it was published, or the path that `saveWeightsForSampler` gave. */
export type SamplerSource = { baseModel: string } | { modelPath: string };

/** How often a sample is asked for anew when the server forgot the first request. */
const maxRequests = 3;
/** Servers count seeds up from the first, within 31 bits. */
const seedRange = 2 ** 31 - 2 ** 16;

/** A source of samples from fixed weights. A sample that was lost is sampled again: that changes nothing on the server. */
export function createSampler({ call, awaitResult }: Connection, source: SamplerSource): Sampler {
  const weights = "baseModel" in source ? { base_model: source.baseModel } : { model_path: source.modelPath };
  const what = `sample from ${"baseModel" in source ? source.baseModel : source.modelPath}`;
  const once = async (request: SampleRequest, signal?: AbortSignal) => {
    const json = { ...requestBody(request), ...weights };
    const submission = { what, path: "/asample", json, repeat: "harmless", signal } as const;
    const { request_id } = await callJson(call, submission, jsonRequest);
    return decodeSample(what, await awaitResult(what, request_id, signal), request);
  };
  return {
    sample: async (request, signal) => {
      for (let number = 1; ; number += 1) {
        try {
          return await once(request, signal);
        } catch (error) {
          const again = error instanceof TinkerError && error.fault === "forgotten" && number < maxRequests;
          if (!again) throw error;
        }
      }
    },
  };
}

function requestBody(request: SampleRequest): Record<string, unknown> {
  const { prompt, n, maxTokens, temperature, topP = 1, topK = -1, seed, stop, promptLogprobs = false } = request;
  return {
    num_samples: n,
    prompt: { chunks: [{ type: "encoded_text", tokens: [...prompt] }] },
    sampling_params: {
      ...{ max_tokens: maxTokens, temperature, top_p: topP, top_k: topK },
      seed: Math.abs(Math.trunc(seed)) % seedRange,
      ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    },
    prompt_logprobs: promptLogprobs,
    type: "sample",
  };
}
