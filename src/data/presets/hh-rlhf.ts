import { splitDialogue } from "../dialogue.ts";
import { shorten } from "../shorten.ts";
import { contextsDiffer, sameMessages } from "./conversation.ts";
import { textField } from "./fields.ts";
import { eachRow, type Preset, RowFault } from "./preset.ts";

/** Anthropic's helpful and harmless dialogues: two whole dialogues that differ in the last answer. */
export const hhRlhf: Preset = {
  name: "hh-rlhf",
  title: "Anthropic HH-RLHF",
  url: "https://github.com/anthropics/hh-rlhf",
  licence: "MIT",
  shippable: true,
  gives: "one pair; none where the two dialogues differ before the last answer",
  strength: null,
  caveat:
    "labels are noisy; answers may leak a Human: turn; RewardBench's prior sets anthropic_helpful and anthropic_harmless are drawn from its test splits",
  recognises: (row) =>
    Object.keys(row).every((name) => name === "chosen" || name === "rejected") &&
    isDialogue(row.chosen) &&
    isDialogue(row.rejected),
  open: () =>
    eachRow((row) => {
      const [chosen, rejected] = [dialogueField(row, "chosen"), dialogueField(row, "rejected")];
      if (!sameMessages(chosen.context, rejected.context)) return contextsDiffer;
      return [{ messages: chosen.context, chosen: chosen.answer, rejected: rejected.answer }];
    }),
};

function isDialogue(value: unknown): boolean {
  return typeof value === "string" && /^\s*Human:/.test(value);
}

function dialogueField(row: Record<string, unknown>, field: string) {
  const text = textField(row, field);
  const dialogue = splitDialogue(text);
  if (dialogue === undefined)
    throw new RowFault(field, `expected a dialogue with Human: and Assistant: turns, got ${shorten(text)}`);
  return dialogue;
}
