import fc from "fast-check";
import { expect, test } from "vitest";
import { askForHighScore, cosmeticChanges, padResponse, stripMarkdown } from "./index.ts";

test("markup goes, words and order stay", () => {
  const text = [
    "# A *heading*",
    "",
    "Some **bold**, _leaning_, ***both***, ~~gone~~ and `code_with_*stars*`.",
    '- [x] a [link](https://example.org/a_b "title")',
    "* an ![image](x.png)",
    "  + nested **bold with *leaning* inside**",
    "1. numbered",
    "> > quoted",
    "---",
    "| a | **b** |",
    "|---|:-:|",
    "| 1 | 2 |",
    "```python",
    "# a comment with **stars**",
    "x = a * b * c",
    "```",
    "__done__",
  ].join("\n");
  expect(stripMarkdown(text)).toBe(
    [
      "A heading",
      "",
      "Some bold, leaning, both, gone and code_with_*stars*.",
      "a link",
      "an image",
      "  nested bold with leaning inside",
      "1. numbered",
      "quoted",
      "a  b",
      "1  2",
      "# a comment with **stars**",
      "x = a * b * c",
      "done",
    ].join("\n"),
  );
});

test("what only looks like markup stays", () => {
  for (const text of [
    "2 * 3 * 4 = 24",
    "snake_case_name and __init__",
    "f(**kwargs) and *args",
    "a*b*c and $x_1 + y_1$",
    "C# and #hashtag",
    "5 - 3",
    "a > b",
    "an unclosed `tick, and ~tilde~",
    "a \uE000 private character, `x` and another \uE000",
  ]) {
    const wanted = text === "snake_case_name and __init__" ? "snake_case_name and init" : text.replace("`x`", "x");
    expect(stripMarkdown(text)).toBe(wanted);
  }
});

test("stripping is idempotent on texts without code, and never adds a character", () => {
  const word = fc.constantFrom(
    "word",
    "two words",
    "**bold**",
    "*it*",
    "_u_",
    "# x",
    "- y",
    "[a](b)",
    "> q",
    "|a|b|",
    "~~s~~",
    "2 * 3",
    "__k__",
    "\n",
    "\n\n",
    " ",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (parts) => {
      const once = stripMarkdown(parts.join(" "));
      expect(stripMarkdown(once)).toBe(once);
    }),
  );
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom("*", "_", "`", "[", "]", "(", ")", "#", "-", "|", ">", "~", "\n", " ", "a", "\uE000"),
      }),
      (text) => {
        expect(stripMarkdown(text).length).toBeLessThanOrEqual(text.length);
      },
    ),
  );
});

test("hostile markup of a megabyte takes well under a second", () => {
  for (const unit of ["`", "*", "**a", "_", "[", "> ", "- ", "|", "[a](", "~~", "` `` "]) {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    const start = performance.now();
    stripMarkdown(text);
    expect(performance.now() - start).toBeLessThan(1_500);
  }
});

test("padding adds whole neutral sentences after the response and repeats by count alone", () => {
  expect(padResponse("Yes.", 0)).toBe("Yes.");
  const padded = padResponse("Yes.", 2);
  expect(padded.startsWith("Yes.\n\n")).toBe(true);
  expect(padded.match(/\./g)).toHaveLength(3);
  expect(padResponse("Yes.", 8)).toBe(padResponse("Yes.", 8));
  expect(padResponse("Yes.", 8).length).toBeGreaterThan(padResponse("Yes.", 7).length);
});

test("asking for a high score keeps the response and adds the request", () => {
  const asked = askForHighScore("Yes.");
  expect(asked.startsWith("Yes.\n\n")).toBe(true);
  expect(asked).toMatch(/highest possible score/);
});

test("every named change does something to a marked-up response", () => {
  for (const [name, change] of Object.entries(cosmeticChanges))
    expect([name, change("**Yes**") === "**Yes**"]).toEqual([name, false]);
});
