import { z } from "zod";
import type { RowFilter } from "./row-filter.ts";

const settings = z.strictObject({
  /** Fewest letters and digits of a response. */
  minCharacters: z.int().min(0).default(1),
  /** Most characters of any text. */
  maxCharacters: z.int().min(1).default(200_000),
});

/** Texts that hold nothing, or that were damaged before they came here. */
export const shape: RowFilter<z.infer<typeof settings>> = {
  name: "shape",
  summary: "texts that are empty, overlong or damaged",
  settings,
  open:
    ({ minCharacters, maxCharacters }) =>
    ({ messages, chosen, rejected }) => {
      for (const [side, text] of [
        ["chosen", chosen],
        ["rejected", rejected],
      ] as const) {
        if (lettersUpTo(text, minCharacters) < minCharacters)
          return { reason: `${side} response is empty`, detail: `fewer than ${minCharacters} letters and digits` };
      }
      const texts = [...messages.map(({ content }) => content), chosen, rejected];
      const longest = Math.max(...texts.map((text) => text.length));
      if (longest > maxCharacters) return { reason: "overlong text", detail: `${longest} characters` };
      if (texts.some((text) => text.includes("\ufffd"))) return { reason: "replacement character in a text" };
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      if (texts.some((text) => /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text)))
        return { reason: "control character in a text" };
      if (chosen === rejected) return { reason: "the two responses are the same" };
      return undefined;
    },
};

function lettersUpTo(text: string, enough: number): number {
  let count = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]/gu)) if (++count >= enough) break;
  return count;
}
