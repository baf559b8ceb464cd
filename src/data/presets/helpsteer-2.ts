import { byValue } from "./compare.ts";
import { numberField, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import type { Preset } from "./preset.ts";
import { rowGroups } from "./row-groups.ts";
import { splitTurns } from "./split-turns.ts";

/** HelpSteer 2 (and 1): a row for each response; the rows of one prompt follow one another. */
export const helpsteer2: Preset = {
  name: "helpsteer-2",
  title: "HelpSteer2 ratings",
  url: "https://huggingface.co/datasets/nvidia/HelpSteer2",
  licence: "CC-BY-4.0",
  shippable: true,
  gives: "rows of one prompt, which follow one another, give a pair for every two with different helpfulness",
  strength: "difference of the two ratings of helpfulness (0 to 4) over 4",
  recognises: (row) => hasFields(row, "prompt", "response", "helpfulness", "correctness", "coherence"),
  open: () =>
    rowGroups({
      keyOf: (row) => textField(row, "prompt"),
      partOf: (row) => ({ text: textField(row, "response"), value: numberField(row, "helpfulness", 0, 4) }),
      pairsOf: (prompt, responses) => byValue(splitTurns(prompt, "prompt"), responses, 4),
    }),
};
