import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortenClause } from "./shorten-clause.ts";

const upTo = (words: number) => (text: string) => text.split(" ").length <= words;

describe("a description that is too long", () => {
  test("ends where a clause does", () => {
    expect(shortenClause("How well the report covers all parts, including tables and charts of sales", upTo(9))).toBe(
      "How well the report covers all parts",
    );
    expect(shortenClause("The clarity of the plan, ensuring that everybody understands it", upTo(6))).toBe(
      "The clarity of the plan",
    );
  });

  test("is not cut inside a list, a quotation or brackets, and not after a verb", () => {
    expect(shortenClause("The use of dignified, precise, legal and convincing language", upTo(6))).toBeUndefined();
    expect(shortenClause('Follows the outline "goals and means and ends" of the office', upTo(7))).toBeUndefined();
    expect(shortenClause("How well the text itself uses and explains difficult words", upTo(6))).toBeUndefined();
  });

  test("stays whole where it fits, without its full stop", () => {
    expect(shortenClause("Says  what\nwas asked.", upTo(4))).toBe("Says what was asked");
  });

  test("is always a beginning that fits", () => {
    const words = fc.array(
      fc.constantFrom("the", "plan,", "and", "with", "ensuring", "(a", "b)", "while", "it", "covers"),
    );
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 12 }), (list, limit) => {
        const text = list.join(" ");
        const short = shortenClause(text, upTo(limit));
        if (short === undefined) return;
        expect(text.startsWith(short)).toBe(true);
        expect(upTo(limit)(short)).toBe(true);
      }),
    );
  });
});
