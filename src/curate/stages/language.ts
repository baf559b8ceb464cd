import { z } from "zod";
import { lastMessage, type RowFilter } from "./row-filter.ts";

const parts = ["prompt", "chosen", "rejected"] as const;

const settings = z.strictObject({
  /** ISO 639-1 codes of the languages that stay. */
  allow: z
    .array(z.string().regex(/^[a-z]{2}$/, "expected a language code of two letters"))
    .min(1)
    .default(["en"]),
  /** Which texts are looked at; of the prompt its last message. */
  parts: z.array(z.enum(parts)).min(1).default(["prompt", "chosen"]),
  /** A text with fewer letters says too little and stays. */
  minLetters: z.int().min(1).default(40),
});

/** Share of letters below which a text is a table, code or numbers rather than prose. */
const prose = 0.75;

/** More says no more about the language. */
const lookedAt = 1000;

/** Texts in other languages, by the frequencies of their letters (ELD). Code and what is undecided stays. */
export const language: RowFilter<z.infer<typeof settings>> = {
  name: "language",
  summary: "texts in a language that is not asked for",
  settings,
  async open({ allow, parts: looked, minLetters }) {
    const { eld } = await import("eld/medium");
    return (row) => {
      const texts = { prompt: lastMessage(row), chosen: row.chosen, rejected: row.rejected };
      for (const part of looked) {
        const text = texts[part].slice(0, lookedAt);
        const letters = text.match(/\p{L}/gu)?.length ?? 0;
        if (letters < minLetters || letters < prose * text.replace(/\s+/g, "").length) continue;
        const found = eld.detect(text);
        if (found.language !== "" && !allow.includes(found.language) && found.isReliable())
          return { reason: `${part} in another language`, detail: found.language };
      }
      return undefined;
    };
  },
};
