import type { Message } from "../../core/message.ts";
import { shorten } from "../shorten.ts";
import { textField, unexpectedField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type PairDraft, type Preset, RowFault } from "./preset.ts";

/** The two predictions (from 0) that each of the six numbers of `preference` compares. */
const compared = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
] as const;

/** QA-Feedback of Fine-Grained RLHF: a question with passages, four predictions, and a label for each two of them. */
export const qaFeedback: Preset = {
  name: "qa-feedback",
  title: "QA-Feedback (Fine-Grained RLHF)",
  url: "https://github.com/allenai/FineGrainedRLHF",
  licence: "Apache-2.0",
  shippable: true,
  gives:
    "a pair for every two of its four predictions that are not a tie, up to six; the passages are a system message",
  strength: null,
  caveat: "all predictions are one small model's, often nearly equal",
  recognises: (row) => hasFields(row, "question", "passages", "prediction 1", "prediction 4", "preference"),
  open: () =>
    eachRow((row) => {
      const messages: Message[] = [
        { role: "system", content: passagesText(row) },
        { role: "user", content: textField(row, "question") },
      ];
      const predictions = [1, 2, 3, 4].map((number) => textField(row, `prediction ${number}`));
      const pairs: PairDraft[] = [];
      for (const [index, label] of preferenceField(row).entries()) {
        const [first, second] = compared[index]!;
        if (label === 0) continue;
        const [chosen, rejected] = label === 1 ? [first, second] : [second, first];
        pairs.push({ messages, chosen: predictions[chosen]!, rejected: predictions[rejected]! });
      }
      return pairs.length === 0 ? "tie" : pairs;
    }),
};

/** Six labels: 0 equal, 1 the first is better, 2 the second. */
function preferenceField(row: Record<string, unknown>): number[] {
  const labels = row.preference;
  if (!Array.isArray(labels) || labels.length !== compared.length)
    throw unexpectedField(row, "preference", "a list of six labels");
  const bad = labels.findIndex((label) => label !== 0 && label !== 1 && label !== 2);
  if (bad !== -1) throw new RowFault(`preference[${bad}]`, `expected 0, 1 or 2, got ${shorten(labels[bad])}`);
  return labels;
}

/** The passages as text: each a title and its sentences; the first sentence may repeat the title. */
function passagesText(row: Record<string, unknown>): string {
  const { passages } = row;
  const isText = (one: unknown): one is string[] => Array.isArray(one) && one.every((part) => typeof part === "string");
  if (!Array.isArray(passages) || !passages.every(isText))
    throw unexpectedField(row, "passages", "a list of passages, each a list of a title and sentences");
  return passages
    .map(([title = "", ...sentences]) => {
      const text = sentences.join(" ");
      return text.startsWith(`${title}\n`) ? text : `${title}\n\n${text}`;
    })
    .join("\n\n");
}
