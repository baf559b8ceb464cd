import type { Form, FormPart } from "../../core/form.ts";
import type { Tokenizer } from "./step.ts";

/** What a stop text cuts out of the middle of a token is written with other, smaller tokens. */
const cutTokens = 8;

/** Tokens a filled form takes at most, fixed text included, with `maxTokens` of free text in all. */
export function formTokenBound(form: Form, maxTokens: number, tokenizer: Tokenizer): number {
  const length = (text: string) => tokenizer.tokenize(text).length;
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0);
  const free = (parts: FormPart[]): number =>
    sum(
      parts.map((part) =>
        part.kind === "free" ? part.maxTokens : part.kind === "repeat" ? part.max * free(part.parts) : 0,
      ),
    );
  const rest = (part: FormPart): number => {
    if (part.kind === "fixed") return length(part.text);
    if (part.kind === "free") return cutTokens;
    // The token that closes an option is computed with it when options are compared.
    if (part.kind === "choice") return 1 + Math.max(...part.options.map(length));
    const item = length(part.open.replaceAll("{i}", String(part.max))) + sum(part.parts.map(rest));
    return part.max * item + length(part.close);
  };
  return Math.min(maxTokens, free(form.parts)) + sum(form.parts.map(rest));
}
