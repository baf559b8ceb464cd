import { toUSVString } from "node:util";
import type { Message } from "../../core/message.ts";
import type { PreferencePair } from "../../core/preference-pair.ts";
import type { DataFile } from "../list-data-files.ts";
import { type PairDraft, type Preset, RowFault } from "./preset.ts";

/** A draft as a pair of the normal form, why it is none, or what is wrong with it. */
export function finishPair(
  draft: PairDraft,
  given: { id: string; file: DataFile; preset: Preset; source?: string },
): PreferencePair | string | RowFault {
  const { messages, chosen, rejected, strength, domain } = draft;
  const problem = problemOf(messages) ?? loneSurrogate(draft);
  if (problem !== undefined) return problem;
  if (messages.at(-1)!.content.trim() === "") return "the query is empty";
  const pair: PreferencePair = { id: given.id, messages, chosen, rejected, source: sourceOf(draft, given) };
  if (strength !== undefined) pair.strength = strength;
  if (domain !== undefined) pair.domain = domain;
  return pair;
}

function sourceOf(draft: PairDraft, given: { file: DataFile; preset: Preset; source?: string }): string {
  const { file, preset, source } = given;
  if (preset.sourceName === "row") return source ?? draft.source!;
  const name = source ?? (preset.sourceName === "file" ? file.name.replace(/\.[a-z]+(\.gz)?$/i, "") : preset.name);
  return draft.source === undefined ? name : `${name}/${draft.source}`;
}

function problemOf(messages: Message[]): RowFault | undefined {
  if (messages.at(-1)?.role !== "user")
    return new RowFault(
      "messages",
      `expected a conversation that ends with the user, got ${messages.at(-1)?.role} last`,
    );
  const late = messages.findIndex((message, index) => message.role === "system" && index > 0);
  return late === -1 ? undefined : new RowFault(`messages[${late}]`, "a system message can only be the first message");
}

/** Half of a character: JSON can hold it, UTF-8 cannot, so it would be changed on the way. */
function loneSurrogate({ messages, chosen, rejected }: PairDraft): RowFault | undefined {
  const broken = (text: string) => toUSVString(text) !== text;
  const field = broken(chosen)
    ? "chosen"
    : broken(rejected)
      ? "rejected"
      : messages.some((message) => broken(message.content))
        ? "messages"
        : undefined;
  return field === undefined
    ? undefined
    : new RowFault(field, "holds half of a character (a lone surrogate), which is no Unicode text; correct it");
}
