import { bySign } from "./compare.ts";
import { messagesField, numberField, optionalText, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";

/** HelpSteer3-Preference: a conversation, two responses, and how much the second one is preferred, -3 to 3. */
export const helpsteer3: Preset = {
  name: "helpsteer-3",
  title: "HelpSteer3-Preference",
  url: "https://huggingface.co/datasets/nvidia/HelpSteer3",
  licence: "CC-BY-4.0",
  shippable: true,
  gives: "one pair; none at a preference of 0",
  strength: "size of the overall preference (1 to 3) over 3",
  recognises: (row) => hasFields(row, "context", "response1", "response2", "overall_preference"),
  open: () =>
    eachRow((row) => {
      const preference = numberField(row, "overall_preference", -3, 3);
      const responses = [textField(row, "response1"), textField(row, "response2")] as const;
      return bySign(messagesField(row, "context"), responses, preference, {
        strength: Math.abs(preference) / 3,
        domain: domainOf(row),
      });
    }),
};

/** The domain, with the natural or programming language behind it where it is not English. */
function domainOf(row: Record<string, unknown>): string | undefined {
  const [domain, language] = [optionalText(row, "domain"), optionalText(row, "language")];
  if (domain === undefined || language === undefined || language.toLowerCase() === "english") return domain ?? language;
  return `${domain}/${language}`;
}
