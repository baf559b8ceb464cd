import { expect, test } from "vitest";
import type { Message } from "../../core/message.ts";
import { shortPairs } from "./short-pairs.ts";

/** A token for every word, and one that ends a message. */
const codec = {
  renderConversation: (messages: readonly Message[]) => ({
    tokens: new Int32Array(messages.flatMap(({ content }) => [...content.split(" "), ""]).length),
    assistant: [],
  }),
};
const pair = (id: string, query: string, chosen: string, rejected: string) => ({
  ...{ id, chosen, rejected, source: "test" },
  messages: [{ role: "user" as const, content: query }],
});

test("the longer response decides, whichever it is, with the query", () => {
  const pairs = [
    pair("at the limit", "one two", "three four", "three"),
    pair("chosen too long", "one two", "three four five", "three"),
    pair("rejected too long", "one two", "three", "three four five"),
    pair("query too long", "one two three", "four five", "four"),
    pair("shorter", "one", "two", "two"),
  ];
  expect(shortPairs(pairs, 6, codec).map(({ id }) => id)).toEqual(["at the limit", "shorter"]);
});
