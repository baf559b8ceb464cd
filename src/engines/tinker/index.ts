export { type ChatCodec, openChatCodec, type RenderedConversation } from "./chat-codec.ts";
