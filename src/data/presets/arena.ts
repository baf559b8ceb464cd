import { bySign } from "./compare.ts";
import { contextsDiffer, responseField, sameMessages } from "./conversation.ts";
import { choiceField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";

const preferences = { model_a: -1, model_b: 1, tie: 0, "tie (bothbad)": 0, tie_bothbad: 0, both_bad: 0 };

/** Votes of Chatbot Arena: two whole conversations and the winner. */
export const arena: Preset = {
  name: "arena",
  title: "Chatbot Arena votes",
  url: "https://huggingface.co/datasets/lmsys/chatbot_arena_conversations",
  licence: "CC-BY-NC-4.0 for the responses, CC-BY-4.0 for the prompts",
  shippable: false,
  gives: "one pair; none for a tie, and none where the conversations differ before the last response",
  strength: null,
  caveat: "one visitor's vote a row; later releases have licences of their own",
  recognises: (row) => hasFields(row, "conversation_a", "conversation_b", "winner"),
  open: () =>
    eachRow((row) => {
      const preference = choiceField(row, "winner", preferences);
      if (preference === 0) return "tie";
      const [a, b] = [responseField(row, "conversation_a"), responseField(row, "conversation_b")];
      if (!sameMessages(a.context, b.context)) return contextsDiffer;
      return bySign(a.context, [a.response, b.response], preference);
    }),
};
