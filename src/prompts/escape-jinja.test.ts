import { Template } from "@huggingface/jinja";
import fc from "fast-check";
import { expect, it } from "vitest";
import { escapeJinja } from "./escape-jinja.ts";

const piece = fc.constantFrom(
  "{",
  "}",
  "{{",
  "}}",
  "{%",
  "%}",
  "{#",
  "#}",
  "-}",
  "{-",
  "\n",
  "  ",
  "\t",
  "\\boxed{}",
  "'",
  "generation",
  "end",
  "x",
);
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(piece, { maxLength: 15 }).map((parts) => parts.join("")),
);

it("renders to exactly the text, beside expressions too", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const head = escapeJinja(before, { beforeExpression: true });
      const tail = escapeJinja(after, { beforeExpression: false });
      const template = new Template(`${head}{{ query }}${tail}\n`);
      expect(template.render({ query: "{{ q }}" })).toBe(`${before}{{ q }}${after}`);
    }),
    { numRuns: 2000 },
  );
});

it("leaves LaTeX braces as they are", () => {
  expect(escapeJinja("score it $\\boxed{}$, \\frac{a}{b}", { beforeExpression: false })).toBe(
    "score it $\\boxed{}$, \\frac{a}{b}",
  );
});
