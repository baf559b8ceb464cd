import { hash } from "node:crypto";
import type { PreferencePair } from "../../core/preference-pair.ts";
import type { Cell } from "../duckdb/row-appender.ts";
import { countWords } from "./count-words.ts";

/** The table of what is counted of pairs. Keys are hashes: equal texts, equal keys. */
export const factsTable = `CREATE TABLE facts (
  query_key VARCHAR, chosen_key VARCHAR, rejected_key VARCHAR,
  query_characters INTEGER, chosen_characters INTEGER, rejected_characters INTEGER,
  query_words INTEGER, chosen_words INTEGER, rejected_words INTEGER,
  turns INTEGER, strength DOUBLE, source VARCHAR, domain VARCHAR)`;

/** A pair as a row of the table. */
export function factsOf(pair: PreferencePair): Cell[] {
  const { messages, chosen, rejected, strength, source, domain } = pair;
  let [turns, characters, words] = [0, 0, 0];
  for (const { role, content } of messages) {
    if (role === "user") turns++;
    characters += content.length;
    words += countWords(content);
  }
  const query = messages.length === 1 ? messages[0]!.content : JSON.stringify(messages);
  return [
    ...[keyOf(query), keyOf(chosen), keyOf(rejected)],
    ...[characters, chosen.length, rejected.length],
    ...[words, countWords(chosen), countWords(rejected)],
    ...[turns, strength, source, domain],
  ];
}

/** 120 bits of the text's SHA-1. */
function keyOf(text: string): string {
  return hash("sha1", text, "base64url").slice(0, 20);
}
