import type { Form, FormPart } from "../../core/form.ts";
import { unitWithout } from "./text-without.ts";

/** A regular language, written out as a regular expression or a GBNF grammar by its printers. */
export type Pattern =
  | { kind: "text"; text: string }
  /** One character that is (or, with `except`, is not) one of `chars`. */
  | { kind: "chars"; chars: string[]; except: boolean }
  | { kind: "sequence"; items: Pattern[] }
  | { kind: "either"; items: Pattern[] }
  /** `max` undefined: without bound. */
  | { kind: "repeat"; item: Pattern; min: number; max?: number };

/** Upper bound of a token's length in characters, on average over a text. */
export const charactersPerToken = 6;

/**
 * The answers a form allows. Free text holds none of its stop texts and does not end with the beginning of one; its
 * length is bounded at six characters a token.
 */
export function formPattern(form: Form): Pattern {
  return sequence(form.parts.map(partPattern));
}

function partPattern(part: FormPart): Pattern {
  switch (part.kind) {
    case "fixed":
      return { kind: "text", text: part.text };
    case "choice":
      return { kind: "either", items: part.options.map((text) => ({ kind: "text", text })) };
    case "free":
      return { kind: "repeat", item: unitWithout(part.stop), min: 1, max: part.maxTokens * charactersPerToken };
    case "repeat": {
      // Items differ by their number, so they are written out; those above `min` nest, each only after the one before.
      const items = Array.from({ length: part.max }, (_, index) =>
        sequence([text(part.open.replaceAll("{i}", String(index + 1))), ...part.parts.map(partPattern)]),
      );
      let optional: Pattern | undefined;
      for (const item of items.slice(part.min).reverse()) {
        const inner: Pattern = optional === undefined ? item : sequence([item, optional]);
        optional = { kind: "repeat", item: inner, min: 0, max: 1 };
      }
      return sequence([...items.slice(0, part.min), ...(optional === undefined ? [] : [optional]), text(part.close)]);
    }
  }
}

function text(value: string): Pattern {
  return { kind: "text", text: value };
}

function sequence(items: Pattern[]): Pattern {
  const kept = items.filter((item) => item.kind !== "text" || item.text !== "");
  return kept.length === 1 ? kept[0]! : { kind: "sequence", items: kept };
}
