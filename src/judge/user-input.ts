import type { Criteria, Criterion } from "../core/criteria.ts";
import { InputError } from "../core/errors.ts";
import type { Message } from "../core/message.ts";
import type { Response } from "../core/query.ts";
import { givenCriteria } from "../prompts/given-criteria.ts";
import type { Pack } from "../prompts/pack.ts";
import { parseCriteria } from "../prompts/parse-criteria.ts";
import type { JudgeInput } from "./judgment.ts";

/** A question to a judge as one writes it by hand. */
export interface UserInput {
  id?: string;
  /** A text, or a conversation whose last message is the user's. */
  query: string | Message[];
  responses: (string | Response)[];
  /** Used instead of generated criteria: a criteria text, or a list of `"Term: description"` or terms with descriptions. */
  criteria?: string | (string | Criterion)[];
}

/** Makes a judge's input of what the user wrote. Throws `InputError` where it cannot be judged. */
export function judgeInput(pack: Pack, input: UserInput): JudgeInput {
  const messages: Message[] = typeof input.query === "string" ? [{ role: "user", content: input.query }] : input.query;
  if (messages.at(-1)?.role !== "user" || messages.at(-1)!.content.trim() === "")
    throw new InputError("expected a text, or a conversation that ends with a message of the user", { field: "query" });
  const responses = input.responses.map((response, index) =>
    typeof response === "string" ? { id: String(index), text: response } : response,
  );
  if (responses.length === 0) throw new InputError("is empty, expected at least one response", { field: "responses" });
  for (const [index, { id, text }] of responses.entries()) {
    if (text.trim() === "") throw new InputError("is empty", { field: `responses[${index}]` });
    const first = responses.findIndex((other) => other.id === id);
    if (first !== index)
      throw new InputError(`has the id "${id}" of responses[${first}]`, { field: `responses[${index}]` });
  }
  return {
    id: input.id ?? "0",
    query: { messages },
    responses,
    criteria: input.criteria === undefined ? undefined : userCriteria(pack, input.criteria),
  };
}

/** Criteria that a user gives: a text in the pack's form (or any list), or the list itself. */
export function userCriteria(pack: Pack, criteria: string | (string | Criterion)[]): Criteria {
  if (typeof criteria === "string") {
    const parsed = parseCriteria(pack, criteria, "stop");
    if (parsed.ok) return givenCriteria(pack, parsed.criteria.items);
    throw new InputError(`no criteria can be read from it: ${parsed.detail}`, { field: "criteria" });
  }
  return givenCriteria(
    pack,
    criteria.map((item) => (typeof item === "string" ? splitCriterion(item) : item)),
  );
}

function splitCriterion(text: string): Criterion {
  const colon = text.indexOf(":");
  return colon === -1
    ? { term: text.trim(), description: "" }
    : { term: text.slice(0, colon).trim(), description: text.slice(colon + 1).trim() };
}
