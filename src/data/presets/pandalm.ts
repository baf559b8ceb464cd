import { bySign } from "./compare.ts";
import { choiceField, optionalText, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { majority, type Votes } from "./votes.ts";

/** PandaLM's test set: two responses and the labels of three annotators. */
export const pandalm: Preset = {
  name: "pandalm",
  title: "PandaLM test set",
  url: "https://github.com/WeOpenML/PandaLM",
  licence: "Apache-2.0",
  shippable: true,
  gives: "one pair; none where the annotators see a tie or do not agree",
  strength: "the winner's lead over the loser as a share of the three annotators",
  caveat:
    "its prompts are AlpacaEval's: never train on it where sets made of those are evaluated (RewardBench chat, RM-Bench chat)",
  recognises: (row) => hasFields(row, "instruction", "response1", "response2", "annotator1", "annotator3"),
  open: () =>
    eachRow((row) => {
      const votes: Votes = { first: 0, second: 0, tie: 0 };
      for (const annotator of ["annotator1", "annotator2", "annotator3"])
        votes[choiceField(row, annotator, { "0": "tie", "1": "first", "2": "second" })]++;
      const result = majority(votes);
      if (typeof result === "string") return result;
      const content = [textField(row, "instruction"), optionalText(row, "input")].filter((part) => part !== undefined);
      const responses = [responseText(row, "response1"), responseText(row, "response2")] as const;
      return bySign([{ role: "user", content: content.join("\n\n") }], responses, result.preference, {
        ...result.notes,
        domain: optionalText(row, "motivation_app"),
      });
    }),
};

/** A response; those that are the one word true or false were written as such into the file. */
function responseText(row: Record<string, unknown>, field: string): string {
  const value = row[field];
  return typeof value === "boolean" ? String(value) : textField(row, field);
}
