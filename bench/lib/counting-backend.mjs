import { openLlamaBackend } from "../../dist/engines/index.js";

/**
 * A backend that counts what is fed: `counts.steps` feeds after which tokens are sampled, `counts.drafted` tokens that were
 * only guessed. A step without guesses gives one token; every guess that is right gives one more.
 */
export async function countingBackend(modelPath) {
  const backend = await openLlamaBackend({ modelPath, gpu: false });
  const counts = { steps: 0, drafted: 0 };
  const createContext = async (shape) => {
    const context = await backend.createContext(shape);
    // The methods belong to a native object: they are called on it, whatever stands in front.
    const native = new Proxy(context.native, {
      get(target, name) {
        if (name !== "addToBatch") return target[name].bind(target);
        return (sequence, position, tokens, logits) => {
          if (logits.length > 0) {
            counts.steps++;
            counts.drafted += logits.length - 1;
          }
          return target.addToBatch(sequence, position, tokens, logits);
        };
      },
    });
    return { ...context, native };
  };
  return { backend: { ...backend, createContext }, counts };
}
