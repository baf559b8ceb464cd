import type { Message } from "../../core/message.ts";
import { createChatTemplate, type TemplateModel } from "../chat-template.ts";

/** What a chat prompt needs of a model. */
export interface ChatModel extends TemplateModel {
  readonly bos: number | undefined;
  tokenize(text: string): number[];
  tokenizeTemplate(text: string): number[];
}

/**
 * Tokens of a conversation in the model's own chat template, ending where the assistant begins to speak. Only the template's
 * own text may hold special tokens. Throws an `EngineError` where the template refuses the conversation.
 */
export function createChatPrompt(model: ChatModel): (messages: Message[]) => number[] {
  const template = createChatTemplate(model);
  return (messages) => {
    const tokens: number[] = [];
    for (const { kind, text } of template(messages, true)) {
      for (const token of kind === "content" ? model.tokenize(text) : model.tokenizeTemplate(text)) tokens.push(token);
    }
    return model.bos === undefined || tokens[0] === model.bos ? tokens : [model.bos, ...tokens];
  };
}
