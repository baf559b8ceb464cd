import { bySign } from "./compare.ts";
import { contextsDiffer } from "./conversation.ts";
import { flagField, textListField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset, RowFault } from "./preset.ts";

/** Chatbot Arena votes as in the 55k release: prompts and responses as lists of turns, the winner in three columns. */
export const arena55k: Preset = {
  name: "arena-55k",
  title: "Chatbot Arena votes, 55k",
  url: "https://huggingface.co/datasets/lmarena-ai/arena-human-preference-55k",
  licence: "Apache-2.0",
  shippable: true,
  gives: "one pair; none for a tie, and none for several turns, whose earlier responses differ",
  strength: null,
  caveat: "one visitor's vote a row",
  recognises: (row) => hasFields(row, "prompt", "response_a", "response_b", "winner_model_a", "winner_model_b"),
  open: () =>
    eachRow((row) => {
      const [a, b] = [flagField(row, "winner_model_a"), flagField(row, "winner_model_b")];
      if (a && b) throw new RowFault("winner_model_b", "expected one winner at most, got both");
      if (a === b) return "tie";
      const prompts = textListField(row, "prompt");
      if (prompts.length > 1) return contextsDiffer;
      const messages = [{ role: "user" as const, content: prompts[0]! }];
      const responses = [textListField(row, "response_a")[0]!, textListField(row, "response_b")[0]!] as const;
      return bySign(messages, responses, a ? -1 : 1);
    }),
};
