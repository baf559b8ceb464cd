export { conversationSchema, type SftConversation } from "./conversation.ts";
export type { SftExample } from "./example.ts";
export { type LearningRateSchedule, learningRateSchedules } from "./learning-rate.ts";
export { readConversations } from "./read-conversations.ts";
export type { SftOptions, SftProgress } from "./sft-options.ts";
export { type SftSettings, sftRecipe, sftSettingsSchema } from "./sft-settings.ts";
export { type TinkerSftServer, type TinkerSftServerOptions, tinkerSftServer } from "./tinker-sft-server.ts";
export {
  type TokenizeConversation,
  type TokenizedConversation,
  type TokenizedExamples,
  tokenizeConversations,
} from "./tokenize-conversations.ts";
export { trainSft } from "./train-sft.ts";
