import { bySign } from "./compare.ts";
import { numberField, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { splitTurns } from "./split-turns.ts";

/** HelpSteer2-Preference: two responses and how much the second one is preferred, -3 to 3. */
export const helpsteer2Preference: Preset = {
  name: "helpsteer-2-preference",
  title: "HelpSteer2-Preference",
  url: "https://huggingface.co/datasets/nvidia/HelpSteer2",
  licence: "CC-BY-4.0",
  shippable: true,
  gives: "one pair; none at a preference of 0",
  strength: "size of the preference (1 to 3) over 3",
  caveat: "the file holds the train and the validation split, told apart by its field split",
  recognises: (row) => hasFields(row, "prompt", "response_1", "response_2", "preference_strength"),
  open: () =>
    eachRow((row) => {
      const preference = numberField(row, "preference_strength", -3, 3);
      const responses = [textField(row, "response_1"), textField(row, "response_2")] as const;
      return bySign(splitTurns(textField(row, "prompt"), "prompt"), responses, preference, {
        strength: Math.abs(preference) / 3,
      });
    }),
};
