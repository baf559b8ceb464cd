import { optionalText } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { responsePair } from "./response-pair.ts";

/** Rows of `chosen` and `rejected`, and `prompt` where those are the responses alone: what most other sets look like. */
export const pairs: Preset = {
  name: "pairs",
  title: "Rows of prompt, chosen and rejected",
  url: "",
  licence: null,
  shippable: false,
  gives: "one pair; chosen and rejected are responses to prompt, or whole conversations",
  strength: null,
  caveat: "the licence is that of the set",
  sourceName: "file",
  recognises: (row) => hasFields(row, "chosen", "rejected"),
  open: () =>
    eachRow((row) =>
      responsePair(
        row,
        { prompt: "prompt", chosen: "chosen", rejected: "rejected" },
        { source: optionalText(row, "source") },
      ),
    ),
};
