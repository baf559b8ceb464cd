import { ContextOverflowError } from "../../../core/errors.ts";
import type { Message } from "../../../core/message.ts";
import type { Pack } from "../../../prompts/pack.ts";
import type { Sampler } from "../../../tinker/sampler.ts";
import type { Trajectory } from "../trajectory.ts";
import type { ChatCodec } from "./chat-codec.ts";
import type { RequestQueue } from "./request-queue.ts";

/** Everything that rollouts are sampled with. */
export interface RolloutContext {
  sampler: Sampler;
  codec: ChatCodec;
  pack: Pack;
  queue: RequestQueue;
  temperature: number;
  topP: number;
  /** Most new tokens of an answer; one that reaches it is unfinished. */
  maxTokens: { criteria: number; evaluation: number };
  signal?: AbortSignal;
}

/** An answer as it was sampled, not read yet. */
export type SampledAnswer = Pick<Trajectory, "prompt" | "tokens" | "logprobs" | "text" | "unfinished">;

function checkFits(needed: number, contextTokens: number | undefined, promptTokens: number): void {
  if (contextTokens === undefined || needed <= contextTokens) return;
  const message = `a prompt of ${promptTokens} tokens and its answer need ${needed}, and the model has room for ${contextTokens}`;
  throw new ContextOverflowError(message, { promptTokens, contextTokens });
}

/** Samples one answer to a conversation, as plain text: what is trained is what the model writes by itself. */
export async function sampleAnswer(
  context: RolloutContext,
  stage: Trajectory["stage"],
  messages: Message[],
  seed: number,
): Promise<SampledAnswer> {
  const { sampler, codec, queue, temperature, topP, maxTokens, signal } = context;
  return await queue.run(stage, async () => {
    signal?.throwIfAborted();
    const prompt = codec.encode(messages);
    checkFits(prompt.length + maxTokens[stage], codec.contextTokens, prompt.length);
    const { sequences } = await sampler.sample(
      // Servers keep seeds in 32 bits with a sign.
      { prompt, n: 1, maxTokens: maxTokens[stage], temperature, topP, seed: seed >>> 1, stop: codec.stop },
      signal,
    );
    const { tokens, logprobs, stopReason } = sequences[0]!;
    return { prompt, tokens, logprobs, text: codec.decode(tokens), unfinished: stopReason === "length" };
  });
}
