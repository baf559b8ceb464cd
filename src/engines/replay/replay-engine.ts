import { access } from "node:fs/promises";
import { EngineError, InputError } from "../../core/errors.ts";
import type { Engine, GenerateRequest, Generation } from "../engine.ts";
import { readRecording, requestKey } from "./recording-file.ts";

/** Requests it is worth having in flight: answers are in memory, so this only keeps the caller from piling up work. */
const replayConcurrency = 64;

/**
 * An engine that answers from a recording, under the identity of the engine that was recorded. A request that was made
 * several times is answered in the recorded order, then with its last answer again. A request that is not there is an
 * `EngineError`. Throws an `InputError` where the file is missing, empty or broken.
 */
export async function replayEngine(file: string): Promise<Engine> {
  try {
    await access(file);
  } catch {
    throw new InputError("there is no such recording; make one with recordEngine", { file });
  }
  const answers = new Map<string, Generation[][]>();
  const recording = await readRecording(file, ({ key, generations }) => {
    const known = answers.get(key);
    if (known === undefined) answers.set(key, [generations]);
    else known.push(generations);
  });
  if (recording === undefined) throw new InputError("is an empty recording", { file });
  const { identity, capabilities } = recording.header;
  const next = new Map<string, number>();
  return {
    identity,
    capabilities,
    concurrency: replayConcurrency,
    async generate(request: GenerateRequest, signal?: AbortSignal) {
      signal?.throwIfAborted();
      const key = requestKey(request);
      const known = answers.get(key);
      if (known === undefined) throw notRecorded(file, key, request);
      const at = next.get(key) ?? 0;
      next.set(key, Math.min(at + 1, known.length - 1));
      return structuredClone(known[at]!);
    },
    async close() {},
  };
}

function notRecorded(file: string, key: string, request: GenerateRequest): EngineError {
  const last = request.messages.at(-1)?.content ?? "";
  const start = JSON.stringify(last.length > 80 ? `${last.slice(0, 80)}...` : last);
  return new EngineError(
    `${file} holds no answer for the request ${key.slice(0, 16)} whose last message starts ${start}; record it with the engine that should answer`,
    { retryable: false, code: "not-recorded" },
  );
}
