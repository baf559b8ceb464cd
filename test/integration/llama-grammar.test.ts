import { getLlama, LlamaGrammar } from "node-llama-cpp";
import { expect, it } from "vitest";
import type { Form } from "../../src/core/form.ts";
import { formPattern, patternToGbnf } from "../../src/engines/openai/index.ts";

const form: Form = {
  parts: [
    {
      kind: "repeat",
      name: "scores",
      min: 1,
      max: 10,
      open: "{i}. **",
      parts: [
        { kind: "free", name: "why", maxTokens: 300, stop: ["\n", "\\boxed"] },
        { kind: "fixed", text: " \\boxed{" },
        { kind: "choice", name: "score", options: ["0", "1", "10"] },
        { kind: "fixed", text: "}\n" },
      ],
      close: "Overall: ",
    },
    { kind: "free", name: "overall", maxTokens: 1500, stop: ["\n\n", "[End]"] },
    { kind: "choice", name: "total", options: [" (a+b)", " [c]"] },
  ],
};

/** Not in the package's declared interface: whether the grammar takes the whole text. */
type Testable = LlamaGrammar & { _testText(text: string): boolean };

it("llama.cpp reads a long form's grammar and takes exactly what has the form's shape", async () => {
  const llama = await getLlama({ gpu: false, build: "never" });
  const grammar = new LlamaGrammar(llama, { grammar: patternToGbnf(formPattern(form)) }) as Testable;
  const first = (why: string) => `1. **${why} \\boxed{10}\n`;
  expect(grammar._testText(`${first("good.")}Overall: fine (a+b)`)).toBe(true);
  expect(grammar._testText(`${first("a")}2. **b \\boxed{0}\nOverall: two\nlines [c]`)).toBe(true);
  expect(grammar._testText(`${first("a".repeat(1800))}Overall: ${"b".repeat(5000)} [c]`)).toBe(true);
  for (const wrong of [
    "Overall: no item (a+b)",
    "1. **a \\boxed{7}\nOverall: fine (a+b)",
    `${first("a\nb")}Overall: fine (a+b)`,
    `${first("a \\boxed{1}")}Overall: fine (a+b)`,
    `${first("a".repeat(1801))}Overall: fine (a+b)`,
    `${first("a")}Overall: stop\n\nhere (a+b)`,
  ]) {
    expect(grammar._testText(wrong), wrong.slice(0, 60)).toBe(false);
  }
  await llama.dispose();
});
