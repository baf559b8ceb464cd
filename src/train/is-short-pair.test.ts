import { expect, test } from "vitest";
import type { Message } from "../core/message.ts";
import { isShortPair } from "./is-short-pair.ts";

/** A token for every word, and one that ends a message. */
const tokensOf = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) => [...content.split(" "), ""]).length;
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
  const short = pairs.filter((one) => isShortPair(one, 6, tokensOf));
  expect(short.map(({ id }) => id)).toEqual(["at the limit", "shorter"]);
});
