import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVerdict } from "./parse-verdict.ts";
import { blank, type MaskedThinking, maskThinking } from "./thinking.ts";
import { findVerdicts } from "./verdicts.ts";

/** What `maskThinking` is to do, said as simply as can be, for texts without signs whose lower case is longer. */
function maskedSimply(text: string): MaskedThinking {
  let start = 0;
  for (;;) {
    const opening = /^\s*<(think|thinking)>/i.exec(text.slice(start));
    if (opening === null) break;
    const closing = text.toLowerCase().indexOf(`</${opening[1]!.toLowerCase()}>`, start + opening[0].length);
    if (closing === -1) return { text: blank(text), answerStart: text.length, unclosed: true };
    start = text.indexOf(">", closing) + 1;
  }
  if (start === 0) {
    const orphan = /^[ \t]*<\/(?:think|thinking)>[ \t]*$/im.exec(text);
    if (orphan !== null) start = orphan.index + orphan[0].length;
  }
  if (start > 0) start += /^\s*/.exec(text.slice(start))![0].length;
  return { text: blank(text.slice(0, start)) + text.slice(start), answerStart: start, unclosed: false };
}

const tags = [
  "<think>",
  "</think>",
  "<THINK>",
  "</Think>",
  "<thinking>",
  "</thinking>",
  "<",
  ">",
  " ",
  "\n",
  "x",
  "[[A]]",
];
const signs = [
  "[[A]]",
  "[[B]]",
  "[[A]\n]",
  "[",
  "verdict",
  "Final Verdict:",
  "verdicts",
  "**",
  "#",
  "_",
  " ",
  "\t",
  "\n",
  "x",
];
const texts = (pieces: string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((chosen) => chosen.join(""));

test("thinking is blanked out of any text as the rule says", () => {
  fc.assert(
    fc.property(texts(tags), (text) => {
      expect(maskThinking(text)).toEqual(maskedSimply(text));
    }),
    { numRuns: 1000 },
  );
});

test("a letter whose lower case is two does not shift where the answer begins", () => {
  expect(maskThinking("<think>İİİ</think>[[A]]")).toMatchObject({ answerStart: 18, unclosed: false });
});

test("a verdict of an answer that was cut off counts where any line announces one before it", () => {
  const announcing = /^[\s*_#]*(?:final\s+)?verdict\b/i;
  fc.assert(
    fc.property(texts(signs), (text) => {
      const found = findVerdicts(text);
      fc.pre(new Set(found.map(({ verdict }) => verdict)).size === 1);
      const lines = found.map(({ start }) => text.slice(text.lastIndexOf("\n", start) + 1, start));
      const { ok } = parseVerdict({ text, finishReason: "length", shown: [] });
      expect(ok).toBe(lines.some((line) => announcing.test(line)));
    }),
    { numRuns: 1000 },
  );
});

// Texts that models do not write, of a length at which work that grows with its square would not end within the test.
test.each([
  ["one line of verdicts", "[[A]] ".repeat(50_000)],
  ["a long line of signs and verdicts", "*".repeat(50_000) + "[[A]]".repeat(50_000)],
  ["blocks of thinking", `${"<think></think>".repeat(50_000)}[[A]]`],
])("%s is read", (_, text) => {
  expect(parseVerdict({ text, finishReason: "stop", shown: [] })).toEqual({ ok: true, verdict: "A" });
  expect(parseVerdict({ text, finishReason: "length", shown: ["[[A]]"] })).toMatchObject({ reason: "truncated" });
});
