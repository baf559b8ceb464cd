import type { Message } from "../../core/message.ts";
import { splitDialogue } from "../dialogue.ts";
import { byValue } from "./compare.ts";
import { listField, messagesField, numberField, textField } from "./fields.ts";
import { isObjectList } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";

/** Nectar and sets like it: a prompt and answers with ranks, 1 the best. */
export const nectar: Preset = {
  name: "nectar",
  title: "Nectar rankings",
  url: "https://huggingface.co/datasets/berkeley-nest/Nectar",
  licence: "Apache-2.0, on condition that it is not used to compete with OpenAI",
  shippable: false,
  gives: "a pair for every two of its answers with different ranks, up to 21",
  strength: "difference of the two ranks over that of the first and the last answer",
  caveat: "ranks are GPT-4's; prompts and answers come from collections and models with terms of their own",
  recognises: (row) => "prompt" in row && isObjectList(row.answers) && row.answers.every((one) => "rank" in one),
  open: () =>
    eachRow((row) => {
      const answers = listField(row, "answers").map((answer) => ({
        text: textField(answer, "answer"),
        value: -numberField(answer, "rank", 1, 1000),
      }));
      return byValue(messagesOf(row), answers, Math.max(1, answers.length - 1), { source: sourceOf(row) });
    }),
};

/** The prompt; Nectar writes it as a dialogue that ends with an open `Assistant:` turn. */
function messagesOf(row: Record<string, unknown>): Message[] {
  const prompt = row.prompt;
  const isDialogue = typeof prompt === "string" && /^\s*Human:/.test(prompt);
  const dialogue = isDialogue ? splitDialogue(prompt.trimStart()) : undefined;
  return dialogue?.answer === "" ? dialogue.context : messagesField(row, "prompt");
}

function sourceOf({ source }: Record<string, unknown>): string | undefined {
  const first: unknown = Array.isArray(source) ? source[0] : source;
  return typeof first === "string" && first !== "" ? first : undefined;
}
