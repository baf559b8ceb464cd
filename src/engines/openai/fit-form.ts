import type { ChoicePart, FixedPart, Form, FormPart, FreePart } from "../../core/form.ts";

/** Tokens of free text that an answer of the form has at most. */
export function freeTextTokens(form: Form): number {
  const count = (parts: FormPart[]): number =>
    parts.reduce((sum, part) => {
      if (part.kind === "free") return sum + part.maxTokens;
      return part.kind === "repeat" ? sum + part.max * count(part.parts) : sum;
    }, 0);
  return count(form.parts);
}

const fitted = new WeakMap<Form, Map<number, Form>>();

/**
 * The form with its free texts shortened in proportion, to a token each at least, so that together they keep to
 * `maxTokens`: a server that knows the limit alone would cut the answer off before its score. The same object for the
 * same arguments; the form itself where it keeps to the limit.
 */
export function fitForm(form: Form, maxTokens: number): Form {
  const tokens = freeTextTokens(form);
  if (tokens <= maxTokens) return form;
  const known = fitted.get(form)?.get(maxTokens);
  if (known !== undefined) return known;
  const shorten = <P extends FixedPart | FreePart | ChoicePart>(part: P): P =>
    part.kind === "free"
      ? { ...part, maxTokens: Math.max(1, Math.floor((part.maxTokens * maxTokens) / tokens)) }
      : part;
  const parts = form.parts.map((part) =>
    part.kind === "repeat" ? { ...part, parts: part.parts.map(shorten) } : shorten(part),
  );
  const made: Form = { parts };
  fitted.set(form, (fitted.get(form) ?? new Map<number, Form>()).set(maxTokens, made));
  return made;
}
