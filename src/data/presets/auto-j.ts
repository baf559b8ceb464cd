import { bySign } from "./compare.ts";
import { choiceField, optionalText, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";

/** Auto-J's pairs with human labels, 58 scenarios. */
export const autoJ: Preset = {
  name: "auto-j",
  title: "Auto-J pairwise",
  url: "https://github.com/GAIR-NLP/auto-j",
  licence: null,
  shippable: false,
  gives: "one pair; none for a tie",
  strength: null,
  caveat: "the licence covers no data; it was Auto-J's test set, on which judges' papers report",
  recognises: (row) => hasFields(row, "scenario", "label", "prompt", "response 1", "response 2"),
  open: () =>
    eachRow((row) => {
      const preference = choiceField(row, "label", { "0": -1, "1": 1, "2": 0 });
      const messages = [{ role: "user" as const, content: textField(row, "prompt") }];
      const responses = [textField(row, "response 1"), textField(row, "response 2")] as const;
      return bySign(messages, responses, preference, { domain: optionalText(row, "scenario") });
    }),
};
