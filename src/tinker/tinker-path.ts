import { TinkerError } from "./tinker-error.ts";

/** A place where a server keeps weights, such as `tinker://model_1/weights/step-10`. */
export interface TinkerPath {
  runId: string;
  /** `"training"`: with the optimiser's state, to go on from. `"sampler"`: to sample from and to download. */
  kind: "training" | "sampler";
  name: string;
}

/** Reads a path as servers give it: sampler weights also come without their middle part. Throws where it is none. */
export function parseTinkerPath(path: string): TinkerPath {
  const match = /^tinker:\/\/([^/]+)\/(?:(weights|sampler_weights)\/)?([^/]+)$/.exec(path);
  if (match === null) {
    const message = `"${path}" is not a path of weights; expected tinker://MODEL/weights/NAME or tinker://MODEL/sampler_weights/NAME`;
    throw new TinkerError("refused", message);
  }
  return { runId: match[1]!, kind: match[2] === "weights" ? "training" : "sampler", name: match[3]! };
}

/** Longest name servers take. */
const longestName = 255;

/** Throws where servers would not take a name for weights. */
export function checkWeightsName(what: string, name: string): void {
  if (/^[a-zA-Z0-9_-]+$/.test(name) && name.length <= longestName) return;
  const message = `${what}: "${name}" cannot be a name of weights; use up to ${longestName} letters, digits, - and _`;
  throw new TinkerError("refused", message);
}
