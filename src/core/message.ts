/** Who says a message. */
export type Role = "system" | "user" | "assistant";

/** One message of a conversation. */
export interface Message {
  role: Role;
  content: string;
}
