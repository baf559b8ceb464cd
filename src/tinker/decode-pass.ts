import { fromBinary } from "@bufbuild/protobuf";
import * as z from "zod";
import type { HttpAnswer } from "./http.ts";
import { jsonFloats, jsonMetrics } from "./json-float.ts";
import { type ArrayRecord, ForwardBackwardOutputSchema } from "./proto/tinker_public_pb.ts";
import { badAnswer, isProtobuf, parseJson } from "./read-answer.ts";
import { readFloat32, readInt64 } from "./tensor-bytes.ts";
import { TinkerError } from "./tinker-error.ts";
import type { PassResult } from "./trainer.ts";

const jsonOutput = z.object({
  loss_fn_outputs: z.array(z.object({ logprobs: z.object({ data: jsonFloats }).optional() })),
  metrics: jsonMetrics.nullish(),
});
const jsonStep = z.object({ metrics: jsonMetrics.nullish() });

/**
 * Reads the result of a pass over data of the given lengths. Throws a `TinkerError`: `bad-answer` where a datum's
 * log-probabilities are missing or of another length, `not-finite` where a number is NaN or infinite.
 */
export function decodePass(what: string, answer: HttpAnswer, lengths: number[]): PassResult {
  const { logprobs, metrics } = isProtobuf(answer) ? fromProtobuf(what, answer) : fromJson(what, answer);
  if (logprobs.length !== lengths.length) {
    throw badAnswer(what, `log-probabilities of ${logprobs.length} data came, and ${lengths.length} were sent`);
  }
  logprobs.forEach((values, index) => {
    if (values.length !== lengths[index]) {
      throw badAnswer(what, `datum ${index} has ${values.length} log-probabilities, and ${lengths[index]} targets`);
    }
    const place = values.findIndex((value) => !Number.isFinite(value));
    if (place !== -1) throw notFinite(what, `the log-probability of target ${place} of datum ${index}`, values[place]!);
  });
  checkMetrics(what, metrics);
  return { logprobs, metrics };
}

/** Reads the result of an optimiser step. Throws like `decodePass`. */
export function decodeStep(what: string, answer: HttpAnswer): { metrics: Record<string, number> } {
  const metrics = parseJson(what, answer, jsonStep).metrics ?? {};
  checkMetrics(what, metrics);
  return { metrics };
}

function fromJson(what: string, answer: HttpAnswer): PassResult {
  const { loss_fn_outputs, metrics } = parseJson(what, answer, jsonOutput);
  const logprobs = loss_fn_outputs.flatMap((output) => (output.logprobs === undefined ? [] : [output.logprobs.data]));
  return { logprobs, metrics: metrics ?? {} };
}

function fromProtobuf(what: string, answer: HttpAnswer): PassResult {
  try {
    const output = fromBinary(ForwardBackwardOutputSchema, answer.body);
    return { logprobs: output.lossFnOutputs.flatMap((record) => splitRecord(what, record)), metrics: output.metrics };
  } catch (cause) {
    if (cause instanceof TinkerError) throw cause;
    throw badAnswer(what, `not a ForwardBackwardOutput (${(cause as Error).message})`, cause);
  }
}

/** The log-probabilities of every datum of a record. */
function splitRecord(what: string, record: ArrayRecord): Float32Array[] {
  const field = record.fields.logprobs;
  if (field === undefined) return [];
  if (field.dtype !== 1) throw badAnswer(what, `logprobs have the dtype ${field.dtype}, and 1 (float32) is read`);
  const offsets = readInt64(field.offsets);
  if (offsets === undefined || offsets.length !== Number(record.numDatums) + 1) {
    throw badAnswer(what, `${record.numDatums} data have ${field.offsets.length} bytes of offsets`);
  }
  return offsets.slice(1).map((end, index) => {
    const start = offsets[index]!;
    const values = start <= end && end <= field.data.length ? readFloat32(field.data.subarray(start, end)) : undefined;
    if (values === undefined) throw badAnswer(what, `the logprobs of datum ${index} lie at bytes ${start} to ${end}`);
    return values;
  });
}

function checkMetrics(what: string, metrics: Record<string, number>): void {
  const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  if (bad !== undefined) throw notFinite(what, bad[0], bad[1]);
}

function notFinite(what: string, name: string, value: number): TinkerError {
  const message = `${what}: ${name} is ${value}. The model's numbers overflowed: lower the learning rate, look at the last data, and go on from a checkpoint before it`;
  return new TinkerError("not-finite", message);
}
