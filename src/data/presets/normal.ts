import { identifierField, messagesField, numberField, optionalText, textField } from "./fields.ts";
import { eachRow, type PairDraft, type Preset } from "./preset.ts";

/** The normal form itself, as `cerm data convert` writes it. Ids and sources are kept. */
export const normal: Preset = {
  name: "normal",
  title: "Normal form",
  url: "",
  licence: null,
  shippable: false,
  gives: "one pair, with its id and source",
  strength: "as its source says",
  caveat: "the licence is that of the sources it was made from",
  sourceName: "row",
  recognises: (row) => ["id", "messages", "chosen", "rejected", "source"].every((name) => name in row),
  open: () =>
    eachRow((row) => {
      const draft: PairDraft = {
        id: identifierField(row, "id"),
        messages: messagesField(row, "messages"),
        chosen: textField(row, "chosen"),
        rejected: textField(row, "rejected"),
        source: textField(row, "source"),
        domain: optionalText(row, "domain"),
      };
      if (row.strength !== undefined && row.strength !== null && row.strength !== "")
        draft.strength = numberField(row, "strength", 0, 1);
      return [draft];
    }),
};
