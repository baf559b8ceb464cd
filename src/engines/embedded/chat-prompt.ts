import { Template } from "@huggingface/jinja";
import { EngineError } from "../../core/errors.ts";
import type { Message } from "../../core/message.ts";

/** What a chat prompt needs of a model. */
export interface ChatModel {
  readonly chatTemplate: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly bos: number | undefined;
  tokenize(text: string): number[];
  tokenizeTemplate(text: string): number[];
}

/** ChatML, for models that bring no template. */
const chatMl =
  "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** Encloses a place holder. What messages say is never rendered, so that they cannot hold one. */
const mark = "\u0001";
const placeHolder = new RegExp(`${mark}(\\d+)${mark}`, "g");

/**
 * Tokens of a conversation in the model's own chat template, ending where the assistant begins to speak. The template is
 * rendered around place holders; only the template's own text may hold special tokens, so a message that contains
 * `<|im_end|>` cannot end its turn. Thinking is switched off where a template knows `enable_thinking`.
 * Throws an `EngineError` where the template refuses the conversation, as some do with a system message.
 */
export function createChatPrompt(model: ChatModel): (messages: Message[]) => number[] {
  const template = new Template(model.chatTemplate ?? chatMl);
  return (messages) => {
    const rendered = render(template, {
      messages: messages.map(({ role }, index) => ({ role, content: `${mark}${index}${mark}` })),
      add_generation_prompt: true,
      enable_thinking: false,
      bos_token: model.bosToken ?? "",
      eos_token: model.eosToken ?? "",
    });
    const tokens: number[] = [];
    let position = 0;
    for (const match of rendered.matchAll(placeHolder)) {
      tokens.push(...model.tokenizeTemplate(rendered.slice(position, match.index)));
      for (const token of model.tokenize(messages[Number(match[1])]!.content)) tokens.push(token);
      position = match.index + match[0].length;
    }
    tokens.push(...model.tokenizeTemplate(rendered.slice(position)));
    return model.bos === undefined || tokens[0] === model.bos ? tokens : [model.bos, ...tokens];
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
