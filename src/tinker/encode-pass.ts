import { create, toBinary } from "@bufbuild/protobuf";
import type { Datum } from "./datum.ts";
import { ChunkSchema, DatumSchema, ForwardBackwardRequestSchema, TensorSchema } from "./proto/tinker_public_pb.ts";
import { int64Bytes, toBytes } from "./tensor-bytes.ts";
import { TinkerError } from "./tinker-error.ts";
import type { Loss } from "./trainer.ts";

/** A pass over data, with or without gradient. */
export interface Pass {
  modelId: string;
  seqId: number;
  data: Datum[];
  loss: Loss;
  forwardOnly: boolean;
}

const dtype = { float32: 1, int64: 2 };

/** Per-token arrays of a datum, by the protocol's names. */
function tokenArrays({ weights, logprobs, advantages }: Datum): [string, Float32Array][] {
  const arrays = { weights, logprobs, advantages };
  return Object.entries(arrays).filter((entry): entry is [string, Float32Array] => entry[1] !== undefined);
}

/** Body of a `forward_backward` call as protobuf. */
export function encodePass({ modelId, seqId, data, loss, forwardOnly }: Pass): Uint8Array {
  const request = create(ForwardBackwardRequestSchema, {
    ...{ modelId, seqId, forwardOnly, lossFn: loss.name, lossFnConfig: loss.config ?? {} },
    data: data.map((datum) =>
      create(DatumSchema, {
        modelInput: [create(ChunkSchema, { chunk: { case: "encodedText", value: { tokens: toBytes(datum.input) } } })],
        lossFnInputs: Object.fromEntries([
          ["target_tokens", tensor(dtype.int64, int64Bytes(datum.target), datum.target.length)],
          ...tokenArrays(datum).map(([name, values]) => [name, tensor(dtype.float32, toBytes(values), values.length)]),
        ]),
      }),
    ),
  });
  return toBinary(ForwardBackwardRequestSchema, request);
}

function tensor(type: number, dense: Uint8Array, length: number) {
  return create(TensorSchema, {
    encoding: { case: "dense", value: dense },
    dtype: type,
    shape: [BigInt(length)],
  });
}

/** Body of a `forward_backward` or `forward` call as JSON, for servers from before protobuf. */
export function passAsJson({ modelId, seqId, data, loss, forwardOnly }: Pass): unknown {
  const input = {
    data: data.map((datum) => ({
      model_input: { chunks: [{ type: "encoded_text", tokens: [...datum.input] }] },
      loss_fn_inputs: Object.fromEntries([
        ["target_tokens", { data: [...datum.target], dtype: "int64", shape: [datum.target.length] }],
        ...tokenArrays(datum).map(([name, values]) => [
          name,
          { data: [...values], dtype: "float32", shape: [values.length] },
        ]),
      ]),
    })),
    loss_fn: loss.name,
    ...(loss.config === undefined ? {} : { loss_fn_config: loss.config }),
  };
  return { model_id: modelId, seq_id: seqId, [forwardOnly ? "forward_input" : "forward_backward_input"]: input };
}

/** Throws where data could not give the step that was meant: arrays of unequal length, or numbers that are none. */
export function checkData(what: string, data: Datum[], loss: Loss): void {
  const wrong = (index: number, problem: string) =>
    new TinkerError("refused", `${what}, datum ${index}: ${problem}; nothing was sent`);
  if (data.length === 0) throw new TinkerError("refused", `${what}: there are no data; nothing was sent`);
  data.forEach((datum, index) => {
    const length = datum.input.length;
    if (length === 0) throw wrong(index, "it has no tokens");
    for (const [name, values] of [["target", datum.target] as const, ...tokenArrays(datum)]) {
      if (values.length !== length) throw wrong(index, `${name} has ${values.length} entries, and input ${length}`);
      const place = values.findIndex((value: number) => !Number.isFinite(value));
      if (place !== -1) throw wrong(index, `${name}[${place}] is ${values[place]}`);
    }
    const needed = loss.name === "cross_entropy" ? [] : (["logprobs", "advantages"] as const);
    const missing = needed.find((name) => datum[name] === undefined);
    if (missing !== undefined) throw wrong(index, `the loss ${loss.name} needs ${missing}`);
  });
}
