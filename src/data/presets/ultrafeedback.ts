import { byValue } from "./compare.ts";
import { listField, numberField, objectField, optionalText, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";

const aspects = ["instruction_following", "honesty", "truthfulness", "helpfulness"];

/** UltraFeedback: four completions of a prompt, each with ratings of four aspects. */
export const ultrafeedback: Preset = {
  name: "ultrafeedback",
  title: "UltraFeedback",
  url: "https://huggingface.co/datasets/openbmb/UltraFeedback",
  licence: "MIT",
  shippable: true,
  gives: "a pair for every two of its completions with different mean ratings, up to six",
  strength: "difference of the two mean ratings of four aspects (1 to 5) over 4",
  caveat: "ratings are GPT-4's; completions were made with system prompts of their own, which are left out",
  recognises: (row) => hasFields(row, "instruction", "completions"),
  open: () =>
    eachRow((row) => {
      const messages = [{ role: "user" as const, content: textField(row, "instruction") }];
      const completions = listField(row, "completions").map((completion) => ({
        text: textField(completion, "response"),
        value: meanRating(objectField(completion, "annotations")),
      }));
      return byValue(messages, completions, 4, { source: optionalText(row, "source") });
    }),
};

/** The mean of the four aspects; undefined where one has no rating (`N/A`). */
function meanRating(annotations: Record<string, unknown>): number | undefined {
  let sum = 0;
  for (const aspect of aspects) {
    const annotation = objectField(annotations, aspect);
    if (annotation.Rating === "N/A") return undefined;
    sum += numberField(annotation, "Rating", 1, 5);
  }
  return sum / aspects.length;
}
