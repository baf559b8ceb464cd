import type { IncomingHttpHeaders } from "node:http";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Zstd } from "@hpcc-js/wasm-zstd";
import {
  ForwardBackwardOutputSchema,
  ForwardBackwardRequestSchema,
  SampleResponseSchema,
} from "../../src/tinker/proto/tinker_public_pb.ts";
import type { Answer, TinkerServerOptions } from "./tinker-server.ts";

/** A pass as the server understood it. */
export interface PassInput {
  model: string;
  seqId: number;
  loss: string;
  config: Record<string, number>;
  forwardOnly: boolean;
  data: { input: number[]; arrays: Record<string, number[]> }[];
}

export interface SampleInput {
  prompt: number[];
  n: number;
  maxTokens: number;
  seed: number;
  stop: number[];
  weights: string;
}

/** Reads bytes in the wire's order by hand, so that the client's own readers are not checked against themselves. */
function numbers(bytes: Uint8Array, dtype: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = dtype === 2 ? 8 : 4;
  return Array.from({ length: bytes.length / size }, (_, index) => {
    if (dtype === 2) return Number(view.getBigInt64(index * size, true));
    return dtype === 1 ? view.getFloat32(index * size, true) : view.getInt32(index * size, true);
  });
}

function bytes(values: number[], dtype: number): Uint8Array {
  const size = dtype === 2 ? 8 : 4;
  const view = new DataView(new ArrayBuffer(values.length * size));
  values.forEach((value, index) => {
    if (dtype === 2) view.setBigInt64(index * size, BigInt(value), true);
    else if (dtype === 1) view.setFloat32(index * size, value, true);
    else view.setInt32(index * size, value, true);
  });
  return new Uint8Array(view.buffer);
}

export async function readPass(body: Buffer, headers: IncomingHttpHeaders, path: string): Promise<PassInput> {
  if (headers["content-type"] !== "application/x-protobuf") return readJsonPass(JSON.parse(body.toString()), path);
  const plain = headers["content-encoding"] === "zstd" ? (await Zstd.load()).decompress(body) : body;
  const request = fromBinary(ForwardBackwardRequestSchema, plain);
  return {
    ...{ model: request.modelId, seqId: request.seqId, loss: request.lossFn, config: request.lossFnConfig },
    forwardOnly: request.forwardOnly,
    data: request.data.map((datum) => ({
      input: datum.modelInput.flatMap(({ chunk }) => numbers(chunk.value!.tokens, 3)),
      arrays: Object.fromEntries(
        Object.entries(datum.lossFnInputs).map(([name, { encoding, dtype }]) => [
          name,
          numbers(encoding.value!, dtype),
        ]),
      ),
    })),
  };
}

interface JsonPass {
  model_id: string;
  seq_id: number;
  forward_input?: JsonPassInput;
  forward_backward_input?: JsonPassInput;
}

interface JsonPassInput {
  data: { model_input: { chunks: { tokens: number[] }[] }; loss_fn_inputs: Record<string, { data: number[] }> }[];
  loss_fn: string;
  loss_fn_config?: Record<string, number>;
}

function readJsonPass(body: JsonPass, path: string): PassInput {
  const input = (path === "/forward" ? body.forward_input : body.forward_backward_input)!;
  return {
    ...{ model: body.model_id, seqId: body.seq_id, loss: input.loss_fn, config: input.loss_fn_config ?? {} },
    forwardOnly: path === "/forward",
    data: input.data.map(({ model_input, loss_fn_inputs }) => ({
      input: model_input.chunks.flatMap(({ tokens }) => tokens),
      arrays: Object.fromEntries(Object.entries(loss_fn_inputs).map(([name, { data }]) => [name, data])),
    })),
  };
}

const jsonNumber = (value: number) => (Number.isFinite(value) ? value : null);

export function answerPass(pass: PassInput, { format, logprob = () => -1 }: TinkerServerOptions): Answer {
  const logprobs = pass.data.map((datum) => datum.input.map((_, target) => logprob(datum, target)));
  if (format === "json") {
    const outputs = logprobs.map((data) => ({
      logprobs: { data: data.map(jsonNumber), dtype: "float32", shape: [data.length] },
    }));
    const body = JSON.stringify({
      loss_fn_output_type: "scalar",
      loss_fn_outputs: outputs,
      metrics: { "loss:sum": 2 },
    });
    return { status: 200, contentType: "application/json", body };
  }
  const offsets = [0];
  for (const values of logprobs) offsets.push(offsets.at(-1)! + 4 * values.length);
  const field = { data: bytes(logprobs.flat(), 1), offsets: bytes(offsets, 2), dtype: 1 };
  const output = create(ForwardBackwardOutputSchema, {
    lossFnOutputType: "scalar",
    metrics: { "loss:sum": 2 },
    lossFnOutputs: [{ fields: { logprobs: field }, numDatums: BigInt(logprobs.length) }],
  });
  return { status: 200, contentType: "application/x-protobuf", body: toBinary(ForwardBackwardOutputSchema, output) };
}

export function answerSample(body: Record<string, unknown>, options: TinkerServerOptions): Answer {
  const params = body.sampling_params as { max_tokens: number; seed: number; stop?: number[] };
  const chunks = (body.prompt as { chunks: { tokens: number[] }[] }).chunks;
  const request: SampleInput = {
    prompt: chunks.flatMap(({ tokens }) => tokens),
    n: body.num_samples as number,
    ...{ maxTokens: params.max_tokens, seed: params.seed, stop: params.stop ?? [] },
    weights: (body.model_path ?? body.base_model) as string,
  };
  const sample = options.sample ?? counting;
  const sequences = Array.from({ length: request.n }, (_, index) => sample(request, index));
  const promptLogprobs = body.prompt_logprobs
    ? [...(options.shortPromptLogprobs ? [] : [Number.NaN]), ...request.prompt.slice(1).map(() => -2)]
    : undefined;
  if (options.format === "json") {
    const said = {
      sequences: sequences.map(({ tokens, logprobs, stopReason }) => ({
        ...{ tokens, stop_reason: stopReason, logprobs: logprobs.map(jsonNumber) },
      })),
      prompt_logprobs: promptLogprobs?.map(jsonNumber) ?? null,
    };
    return { status: 200, contentType: "application/json; charset=utf-8", body: JSON.stringify(said) };
  }
  const response = create(SampleResponseSchema, {
    sequences: sequences.map(({ tokens, logprobs, stopReason }) => ({
      ...{ stopReason: stopReason === "stop" ? 0 : 1, tokens: bytes(tokens, 3), logprobs: bytes(logprobs, 1) },
    })),
    promptLogprobs: promptLogprobs && bytes(promptLogprobs, 1),
  });
  return { status: 200, contentType: "application/x-protobuf", body: toBinary(SampleResponseSchema, response) };
}

function counting({ maxTokens, seed }: SampleInput, index: number) {
  const tokens = Array.from({ length: maxTokens }, (_, place) => seed + index + place);
  return { tokens, logprobs: tokens.map(() => -0.5), stopReason: "length" as const };
}
