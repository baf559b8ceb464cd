import { Template } from "@huggingface/jinja";
import { EngineError } from "../core/errors.ts";
import type { Message } from "../core/message.ts";

/** What a chat template needs of a model. */
export interface TemplateModel {
  readonly chatTemplate: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
}

/** A part of a rendered conversation: the template's own text, or what message number `message` says. */
export type TemplatePiece = { kind: "template"; text: string } | { kind: "content"; text: string; message: number };

/**
 * Renders a conversation; with `generationPrompt` up to where the assistant begins to speak. Throws an `EngineError` where
 * the template refuses the conversation, as some do with a system message.
 */
export type ChatTemplate = (messages: readonly Message[], generationPrompt: boolean) => TemplatePiece[];

/** ChatML, for models that bring no template. */
const chatMl =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** Encloses a place holder. What messages say is never rendered, so that they cannot hold one. */
const mark = "\u0001";
/** White space around a place holder, as no template has it: where it is gone, the template trims what messages say. */
const margin = "\v";
const placeHolder = new RegExp(`(${margin}?)${mark}(\\d+)${mark}(${margin}?)`, "g");

/**
 * A model's own chat template. It is rendered around place holders, so that only its own text can hold special tokens: a
 * message that contains `<|im_end|>` cannot end its turn. Thinking is switched off where a template knows `enable_thinking`.
 */
export function createChatTemplate(model: TemplateModel): ChatTemplate {
  const template = new Template(model.chatTemplate ?? chatMl);
  return (messages, generationPrompt) => {
    const rendered = render(template, {
      messages: messages.map(({ role }, index) => ({ role, content: `${margin}${mark}${index}${mark}${margin}` })),
      add_generation_prompt: generationPrompt,
      enable_thinking: false,
      bos_token: model.bosToken ?? "",
      eos_token: model.eosToken ?? "",
    });
    const pieces: TemplatePiece[] = [];
    let position = 0;
    for (const match of rendered.matchAll(placeHolder)) {
      pieces.push({ kind: "template", text: rendered.slice(position, match.index) });
      const message = Number(match[2]);
      let text = messages[message]!.content;
      if (match[1] === "") text = text.trimStart();
      if (match[3] === "") text = text.trimEnd();
      pieces.push({ kind: "content", text, message });
      position = match.index + match[0].length;
    }
    pieces.push({ kind: "template", text: rendered.slice(position) });
    return pieces.filter(({ kind, text }) => kind === "content" || text !== "");
  };
}

function render(template: Template, values: Record<string, unknown>): string {
  try {
    return template.render(values);
  } catch (cause) {
    throw new EngineError(
      `the model's chat template refuses the conversation: ${(cause as Error).message}. Use roles the model knows, in the order it expects`,
      { retryable: false, code: "template-refused", cause },
    );
  }
}
