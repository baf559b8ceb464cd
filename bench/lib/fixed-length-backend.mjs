import { openLlamaBackend } from "../../dist/engines/index.js";

/** A backend on which no token ends an answer, so that every generation has exactly its limit of tokens. */
export async function fixedLengthBackend(modelPath) {
  const backend = await openLlamaBackend({ modelPath, gpu: false });
  return { ...backend, isEndOfGeneration: () => false };
}
