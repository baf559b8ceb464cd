import type { Message } from "../../core/message.ts";
import { type Contamination, contaminationFinder } from "../references/find-contamination.ts";
import type { SharedReferences } from "../references/reference-index.ts";
import type { Task, TextBatch } from "./task.ts";

/** The rows of a batch that touch the references. */
export const contaminationTask: Task<
  SharedReferences,
  TextBatch,
  { rows: number; found: (Contamination & { n: number })[] }
> = {
  name: "contamination",
  open(shared) {
    const find = contaminationFinder(shared);
    return ({ n, messages, chosen, rejected }) => {
      const found: (Contamination & { n: number })[] = [];
      for (let at = 0; at < n.length; at++) {
        const row = {
          messages: JSON.parse(messages[at]!) as Message[],
          chosen: chosen[at]!,
          rejected: rejected[at]!,
        };
        const contamination = find(row);
        if (contamination !== undefined) found.push({ n: n[at]!, ...contamination });
      }
      return { rows: n.length, found };
    };
  },
};
