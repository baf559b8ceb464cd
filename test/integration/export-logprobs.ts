import { openLlamaBackend } from "../../src/engines/embedded/llama-backend.ts";
import { readStep } from "../../src/engines/embedded/read-step.ts";

/** What the embedded engine's model makes of texts: their tokens, and every token's natural log-probability after those before it. */
export async function embeddedLogprobs(
  options: { modelPath: string; lora?: { path: string }[] },
  texts: readonly string[],
): Promise<{ tokens: number[]; logprobs: number[] }[]> {
  const backend = await openLlamaBackend({ ...options, gpu: false });
  const reader = backend.createSampler();
  reader.applyConfig({ temperature: 0 });
  try {
    const context = await backend.createContext({ sequences: 1, contextTokens: 512, batchTokens: 512, threads: 1 });
    const results = [];
    for (const text of texts) {
      const tokens = backend.tokenizeTemplate(text);
      const positions = Uint32Array.from(tokens.slice(1), (_, index) => index);
      context.native.initBatch(tokens.length);
      const logits = context.native.addToBatch(0, 0, Uint32Array.from(tokens), positions);
      await context.native.decodeBatch();
      const logprobs = [];
      for (const [index, logit] of [...logits].entries()) {
        const token = tokens[index + 1]!;
        const step = { feed: [], want: { kind: "logits" as const, tokens: [token] } };
        const read = await readStep(context.native, step, Uint32Array.of(logit), reader, reader);
        logprobs.push(read.logprobs.get(token)!);
      }
      results.push({ tokens, logprobs });
      context.native.disposeSequence(0);
    }
    await context.close();
    return results;
  } finally {
    reader.dispose();
    await backend.close();
  }
}
