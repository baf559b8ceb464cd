/**
 * The shape of an answer: fixed text, free text up to a limit, and choices among allowed texts. An engine that fills
 * forms feeds the fixed text, samples the free text, and at a choice lets only the options follow and keeps their
 * probabilities. Other engines get the same shape as a grammar or schema, or ignore it.
 */
export interface Form {
  parts: FormPart[];
}

export type FormPart = FixedPart | FreePart | ChoicePart | RepeatPart;

/** Text the answer must contain; never sampled. */
export interface FixedPart {
  kind: "fixed";
  text: string;
}

/** Text the model writes, at least one character, ended by the first of `stop` (not kept) or by the limit. */
export interface FreePart {
  kind: "free";
  /** Unique within the form (within one item of a repeat). */
  name: string;
  maxTokens: number;
  stop: string[];
  /** Within a repeat: begins differently in every item, so that a list does not say the same thing twice. */
  distinct?: boolean;
}

/** Exactly one of `options`. No option is empty. */
export interface ChoicePart {
  kind: "choice";
  name: string;
  options: string[];
}

/**
 * Between `min` and `max` items. Each item is `open` with `{i}` replaced by its number from 1, then `parts`. After the
 * last item comes `close`. Between `min` and `max` the model decides by choosing between the next `open` and `close`.
 */
export interface RepeatPart {
  kind: "repeat";
  name: string;
  min: number;
  max: number;
  open: string;
  parts: (FixedPart | FreePart | ChoicePart)[];
  close: string;
}

/** Longest answer of a form in tokens of free text and choices; fixed text comes on top. */
export function formFreeTokens(form: Form): number {
  const count = (parts: FormPart[]): number =>
    parts.reduce((sum, part) => {
      if (part.kind === "free") return sum + part.maxTokens;
      if (part.kind === "choice") return sum + 4;
      if (part.kind === "repeat") return sum + part.max * count(part.parts);
      return sum;
    }, 0);
  return count(form.parts);
}
