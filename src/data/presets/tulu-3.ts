import { optionalText } from "./fields.ts";
import { hasFields, isObjectList } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { responsePair } from "./response-pair.ts";

const fields = { chosen: "chosen", rejected: "rejected" };

/** The mixture for 405B says more of a row than the others do. */
const known = [
  ...["id", "source", "prompt", "chosen", "rejected"],
  ...["chosen_rating", "rejected_rating", "chosen_model", "rejected_model"],
];

/** The preference mixtures of Tulu 3: two whole conversations and the set they were taken from. */
export const tulu3: Preset = {
  name: "tulu-3-preference",
  title: "Tulu 3 preference mixtures",
  url: "https://huggingface.co/datasets/allenai/llama-3.1-tulu-3-8b-preference-mixture",
  licence: "ODC-BY-1.0, with other licences for subsets",
  shippable: false,
  gives: "one pair",
  strength: null,
  caveat: "some subsets are for non-commercial use only",
  recognises: (row) =>
    hasFields(row, "id", "chosen", "rejected") &&
    Object.keys(row).every((name) => known.includes(name)) &&
    isObjectList(row.chosen) &&
    isObjectList(row.rejected),
  // The field "prompt" repeats the first message.
  open: () => eachRow((row) => responsePair(row, fields, { source: optionalText(row, "source") })),
};
