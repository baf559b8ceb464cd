import { deriveSeed } from "../../core/random.ts";
import type { Engine, Generation } from "../../engines/engine.ts";
import type { Sampler } from "../../tinker/sampler.ts";
import type { ChatCodec } from "./rollout/chat-codec.ts";

/** An engine on the weights of a sampler, which writes plain text as in rollouts. */
export function samplerEngine(
  sampler: Sampler,
  codec: ChatCodec,
  options: { model: string; concurrency: number; now?: () => number },
): Engine {
  const { model, concurrency, now = () => performance.now() } = options;
  return {
    identity: { engine: "tinker", model },
    capabilities: { forms: "none", logprobs: false, sharedPrefix: false, tokens: false },
    concurrency,
    async generate({ messages, n, maxTokens, temperature, topP, seed }, signal) {
      const prompt = codec.encode(messages);
      const one = async (index: number): Promise<Generation> => {
        const startedAt = now();
        const { sequences } = await sampler.sample(
          { prompt, n: 1, maxTokens, temperature, topP, seed: deriveSeed(seed, index) >>> 1, stop: codec.stop },
          signal,
        );
        const { tokens, stopReason } = sequences[0]!;
        return {
          text: codec.decode(tokens),
          finishReason: stopReason,
          usage: { promptTokens: prompt.length, cachedPromptTokens: 0, outputTokens: tokens.length },
          milliseconds: now() - startedAt,
        };
      };
      return await Promise.all(Array.from({ length: n }, (_, index) => one(index)));
    },
    close: async () => {},
  };
}
