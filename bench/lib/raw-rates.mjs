import { openLlamaBackend } from "../../dist/engines/index.js";
import { median } from "./report.mjs";

/**
 * What llama.cpp's batches alone reach: `{prefill, decode}` in tokens per second. Prefill: `depth` tokens of one sequence in
 * batches of 256. Decode: one token for each of `sequences` sequences that hold `depth` tokens. Nothing is sampled.
 */
export async function rawRates(modelPath, { threads, sequences, depth, rounds }) {
  const backend = await openLlamaBackend({ modelPath, gpu: false });
  const shape = { sequences, contextTokens: depth + 128, batchTokens: 256, threads };
  const context = await backend.createContext(shape);
  const { native } = context;
  const filler = backend.tokenize("The response answers the query well and says why it does so. ".repeat(depth));
  const tokens = Uint32Array.from(filler.slice(0, depth));
  try {
    const prefill = async () => {
      native.disposeSequence(0);
      const startedAt = performance.now();
      for (let at = 0; at < depth; at += 256) {
        const part = tokens.slice(at, at + 256);
        native.initBatch(256);
        native.addToBatch(0, at, part, Uint32Array.of(part.length - 1));
        await native.decodeBatch();
      }
      return (1000 * depth) / (performance.now() - startedAt);
    };
    await prefill();
    const prefills = [];
    for (let round = 0; round < rounds; round++) prefills.push(await prefill());
    for (let other = 1; other < sequences; other++) await native.copySequenceStateFromOtherSequence(other, 0);
    const decodes = [];
    for (let step = 0; step < 96; step++) {
      const startedAt = performance.now();
      native.initBatch(256);
      for (let each = 0; each < sequences; each++)
        native.addToBatch(each, depth + step, tokens.slice(step, step + 1), Uint32Array.of(0));
      await native.decodeBatch();
      // The first steps find cold caches.
      if (step >= 8) decodes.push((1000 * sequences) / (performance.now() - startedAt));
    }
    return { prefill: median(prefills), decode: median(decodes) };
  } finally {
    await context.close();
    await backend.close();
  }
}
