import { fromBinary } from "@bufbuild/protobuf";
import * as z from "zod";
import type { HttpAnswer } from "./http.ts";
import { jsonFloats } from "./json-float.ts";
import { SampleResponseSchema } from "./proto/tinker_public_pb.ts";
import { badAnswer, isProtobuf, parseJson } from "./read-answer.ts";
import type { SampledSequence, SampleRequest, SampleResult } from "./sampler.ts";
import { readFloat32, readInt32 } from "./tensor-bytes.ts";
import { TinkerError } from "./tinker-error.ts";

const jsonResponse = z.object({
  sequences: z.array(
    z.object({ stop_reason: z.enum(["stop", "length"]), tokens: z.array(z.int()), logprobs: jsonFloats.nullish() }),
  ),
  prompt_logprobs: jsonFloats.nullish(),
  prompt_cache_hit_tokens: z.int().nullish(),
});

/** A sample as it was sent: not checked. */
interface RawSample {
  sequences: { tokens: Int32Array | undefined; logprobs: Float32Array | undefined; stopReason: string | undefined }[];
  promptLogprobs: Float32Array | undefined;
  cachedPromptTokens: number | undefined;
}

/**
 * Reads what was sampled for a request. Throws a `TinkerError`: `bad-answer` where sequences or log-probabilities are
 * missing, `not-finite` where one is NaN or infinite.
 */
export function decodeSample(what: string, answer: HttpAnswer, request: SampleRequest): SampleResult {
  const raw = isProtobuf(answer) ? fromProtobuf(what, answer) : fromJson(what, answer);
  if (raw.sequences.length !== request.n) {
    throw badAnswer(what, `${raw.sequences.length} sequences came, and ${request.n} were asked for`);
  }
  const result: SampleResult = {
    sequences: raw.sequences.map((sequence, index): SampledSequence => {
      const { tokens, logprobs, stopReason } = sequence;
      if (tokens === undefined || logprobs === undefined || tokens.length !== logprobs.length) {
        throw badAnswer(
          what,
          `sequence ${index} has ${tokens?.length} tokens and ${logprobs?.length} log-probabilities`,
        );
      }
      if (stopReason !== "stop" && stopReason !== "length") {
        throw badAnswer(what, `sequence ${index} has a stop reason other than stop and length`);
      }
      checkFinite(what, logprobs, `sequence ${index}`);
      return { tokens, logprobs, stopReason };
    }),
  };
  if (request.promptLogprobs) result.promptLogprobs = promptLogprobs(what, raw.promptLogprobs, request.prompt.length);
  if (raw.cachedPromptTokens !== undefined) result.cachedPromptTokens = raw.cachedPromptTokens;
  return result;
}

/** One for every prompt token, the first NaN: some servers leave that one out. */
function promptLogprobs(what: string, values: Float32Array | undefined, length: number): Float32Array {
  if (values === undefined || (values.length !== length && values.length !== length - 1)) {
    throw badAnswer(what, `${values?.length ?? 0} log-probabilities of ${length} prompt tokens came`);
  }
  const after = values.length === length ? values.subarray(1) : values;
  checkFinite(what, after, "the prompt, its first token aside,");
  return Float32Array.of(Number.NaN, ...after);
}

function checkFinite(what: string, values: Float32Array, where: string): void {
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place === -1) return;
  const message = `${what}: the log-probability of token ${place} of ${where} is ${values[place]}. The weights are not usable: go on from an earlier checkpoint`;
  throw new TinkerError("not-finite", message);
}

function fromJson(what: string, answer: HttpAnswer): RawSample {
  const response = parseJson(what, answer, jsonResponse);
  return {
    sequences: response.sequences.map(({ tokens, logprobs, stop_reason }) => ({
      ...{ tokens: Int32Array.from(tokens), stopReason: stop_reason },
      logprobs: logprobs ?? undefined,
    })),
    promptLogprobs: response.prompt_logprobs ?? undefined,
    cachedPromptTokens: response.prompt_cache_hit_tokens ?? undefined,
  };
}

function fromProtobuf(what: string, answer: HttpAnswer): RawSample {
  try {
    const response = fromBinary(SampleResponseSchema, answer.body);
    return {
      sequences: response.sequences.map(({ tokens, logprobs, stopReason }) => ({
        tokens: readInt32(tokens),
        logprobs: readFloat32(logprobs ?? new Uint8Array()),
        stopReason: ["stop", "length"][stopReason],
      })),
      promptLogprobs: response.promptLogprobs && readFloat32(response.promptLogprobs),
      // 0 is also what a server sends that does not say.
      cachedPromptTokens: response.promptCacheHitTokens || undefined,
    };
  } catch (cause) {
    throw badAnswer(what, `not a SampleResponse (${(cause as Error).message})`, cause);
  }
}
