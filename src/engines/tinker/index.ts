export { type ChatCodec, openChatCodec, type RenderedConversation } from "./chat-codec.ts";
export { type OpenTinkerEngineOptions, openBaseCodec, openTinkerEngine } from "./open-tinker-engine.ts";
export {
  type ConversationRequest,
  type ConversationSamples,
  type SampledAnswer,
  sampleConversation,
} from "./sample-conversation.ts";
export { TinkerEngine, type TinkerEngineOptions, type TinkerGeneration } from "./tinker-engine.ts";
