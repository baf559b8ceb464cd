import type { PreferencePair } from "../../core/preference-pair.ts";
import type { ChatCodec } from "../../engines/tinker/index.ts";

/** Pairs whose dialogue has at most `maxTokens` tokens with the longer of its two responses, in their order. */
export function shortPairs(
  pairs: readonly PreferencePair[],
  maxTokens: number,
  codec: Pick<ChatCodec, "renderConversation">,
): PreferencePair[] {
  return pairs.filter(({ messages, chosen, rejected }) =>
    [chosen, rejected].every(
      (content) => codec.renderConversation([...messages, { role: "assistant", content }]).tokens.length <= maxTokens,
    ),
  );
}
