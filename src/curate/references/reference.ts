import type { Prompts } from "./prompts-of.ts";

/** An item that must not be in a training set. */
export interface Reference {
  /** The benchmark or the file set it belongs to. */
  set: string;
  /** Its place there. */
  key: string;
  prompts: Omit<Prompts, "lines">;
  responses: string[];
}
