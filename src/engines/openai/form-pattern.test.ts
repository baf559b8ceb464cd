import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Form } from "../../core/form.ts";
import { formPattern } from "./form-pattern.ts";
import { patternToGbnf } from "./pattern-gbnf.ts";
import { patternToRegex } from "./pattern-regex.ts";
import { unitWithout } from "./text-without.ts";

const evaluation: Form = {
  parts: [
    {
      kind: "repeat",
      name: "scores",
      min: 1,
      max: 3,
      open: "{i}. **",
      parts: [
        { kind: "free", name: "why", maxTokens: 20, stop: ["\n", "\\boxed"] },
        { kind: "fixed", text: " \\boxed{" },
        { kind: "choice", name: "score", options: ["0", "1", "10"] },
        { kind: "fixed", text: "}\n" },
      ],
      close: "Overall: ",
    },
    { kind: "free", name: "overall", maxTokens: 10, stop: ["\n\n"] },
    { kind: "choice", name: "total", options: [" (a+b)", " [c]"] },
  ],
};

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`, "u");

describe("a form as a regular expression", () => {
  const regex = whole(patternToRegex(formPattern(evaluation)));

  it("matches answers of the form's shape", () => {
    expect("1. **good. \\boxed{10}\nOverall: fine (a+b)").toMatch(regex);
    expect("1. **a \\boxed{0}\n2. **b \\boxed{1}\n3. **c \\boxed{10}\nOverall: two\nlines [c]").toMatch(regex);
  });

  it.each([
    ["no item", "Overall: fine (a+b)"],
    ["a wrong number", "2. **a \\boxed{0}\nOverall: fine (a+b)"],
    ["too many items", `${[1, 2, 3, 4].map((i) => `${i}. **a \\boxed{0}\n`).join("")}Overall: fine (a+b)`],
    ["a score that is no option", "1. **a \\boxed{7}\nOverall: fine (a+b)"],
    ["empty free text", "1. ** \\boxed{}\nOverall: fine (a+b)"],
    ["a stop in free text", "1. **a\nb \\boxed{0}\nOverall: fine (a+b)"],
    ["a second box in free text", "1. **a \\boxed{9} \\boxed{0}\nOverall: fine (a+b)"],
    ["free text beyond its limit", `1. **${"a".repeat(121)} \\boxed{0}\nOverall: fine (a+b)`],
    ["options taken as patterns", "1. **a \\boxed{0}\nOverall: fine (aab)"],
  ])("does not match %s", (_, text) => {
    expect(text).not.toMatch(regex);
  });
});

describe("unitWithout", () => {
  const stop = fc.string({ unit: fc.constantFrom("a", "b", "\n", "]", "^"), minLength: 1, maxLength: 4 });

  it("repeats to exactly the texts that hold no stop and do not end in the beginning of one", () => {
    fc.assert(
      fc.property(
        fc.array(stop, { minLength: 1, maxLength: 3 }),
        fc.string({ unit: fc.constantFrom("a", "b", "\n", "]", "^", "c"), minLength: 1, maxLength: 10 }),
        (stops, text) => {
          const matched = whole(`(${patternToRegex(unitWithout(stops))})+`).test(text);
          const holdsStop = stops.some((each) => text.includes(each));
          const endsInBeginning = stops.some((each) =>
            [...each].slice(0, -1).some((_, index) => text.endsWith(each.slice(0, index + 1))),
          );
          expect(matched).toBe(!holdsStop && !endsInBeginning);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes any text where there is no stop", () => {
    expect("a\n\\b{}😀").toMatch(whole(`(${patternToRegex(unitWithout([]))})+`));
  });
});

describe("a form as GBNF", () => {
  const grammar = patternToGbnf(formPattern(evaluation));
  const lines = grammar.trimEnd().split("\n");

  it("starts with root and defines every rule it names, once", () => {
    expect(lines[0]).toMatch(/^root ::= /);
    const defined = lines.map((line) => line.split(" ::= ")[0]);
    expect(new Set(defined).size).toBe(defined.length);
    const bodies = lines.map((line) =>
      line.slice(line.indexOf("::=") + 3).replace(/"(\\.|[^"\\])*"|\[(\\.|[^\]\\])*\]/g, ""),
    );
    const named = bodies.flatMap((body) => body.match(/[a-z]+\d*/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(defined).toContain(name);
  });

  it("escapes what means something in a literal or a class", () => {
    expect(grammar).toContain('" \\\\boxed{"');
    expect(grammar).toContain('"}\\n"');
    expect(patternToGbnf({ kind: "chars", chars: ["]", "^", "-", "\\", "\n"], except: true })).toBe(
      "root ::= [^\\x5d\\x5e\\x2d\\x5c\\x0a]\n",
    );
  });

  it("keeps every repetition below llama.cpp's limit and their sum at the free text's", () => {
    const long: Form = { parts: [{ kind: "free", name: "text", maxTokens: 500, stop: ["\n"] }] };
    const text = patternToGbnf(formPattern(long));
    const counts = [...text.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map((match) => Number(match[1]));
    expect(Math.max(...counts)).toBeLessThanOrEqual(1000);
    expect(text).toContain("{0,1000}");
    expect(counts.filter((count) => count === 1000)).toHaveLength(3);
  });

  it("writes equal free texts as one rule", () => {
    const free = { kind: "free" as const, name: "a", maxTokens: 5, stop: ["\n"] };
    const two: Form = { parts: [free, { kind: "fixed", text: "\n" }, { ...free, name: "b" }] };
    expect(patternToGbnf(formPattern(two))).toBe('root ::= p1 "\\n" p1\np1 ::= [^\\x0a]{1,30}\n');
  });
});
