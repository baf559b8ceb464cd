import { numberField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { responsePair } from "./response-pair.ts";

const fields = { chosen: "chosen", rejected: "rejected" };

/** UltraFeedback, binarized: the best of four completions by overall score against another one. */
export const ultrafeedbackBinarized: Preset = {
  name: "ultrafeedback-binarized",
  title: "UltraFeedback Binarized",
  url: "https://huggingface.co/datasets/HuggingFaceH4/ultrafeedback_binarized",
  licence: "MIT",
  shippable: true,
  gives: "one pair; none where both scores are equal",
  strength: "difference of the two overall scores (1 to 10) over 9",
  caveat: "scores are GPT-4's",
  recognises: (row) => hasFields(row, "chosen", "rejected", "score_chosen", "score_rejected"),
  open: () =>
    eachRow((row) => {
      const difference = numberField(row, "score_chosen", 0, 10) - numberField(row, "score_rejected", 0, 10);
      if (difference === 0) return "tie";
      if (difference < 0) return "the rejected response has the higher score";
      return responsePair(row, fields, { strength: Math.min(1, difference / 9) });
    }),
};
