import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Form } from "../../core/form.ts";
import { closeJson } from "./close-json.ts";
import { assembleForm } from "./form-assemble.ts";
import { formSchema } from "./form-schema.ts";

const form: Form = {
  parts: [
    { kind: "fixed", text: "Scores\n" },
    {
      kind: "repeat",
      name: "items",
      min: 1,
      max: 2,
      open: "{i}. ",
      parts: [
        { kind: "free", name: "why", maxTokens: 20, stop: ["\n"] },
        { kind: "fixed", text: " \\boxed{" },
        { kind: "choice", name: "score", options: ["3", "3.5"] },
        { kind: "fixed", text: "}\n" },
      ],
      close: "End",
    },
  ],
};
const answer = {
  items: [
    { why: 'says "yes"\nand more', score: "3.5" },
    { why: "b", score: "3" },
  ],
};
const json = JSON.stringify(answer);
const text = 'Scores\n1. says "yes" \\boxed{3.5}\n2. b \\boxed{3}\nEnd';

describe("assembleForm", () => {
  it("puts fixed text back, numbers items and ends free text at its stop", () => {
    expect(assembleForm(form, json, false)).toEqual({ kind: "text", text });
  });

  it.each([
    ["an option that is none", { items: [{ why: "a", score: "4" }] }],
    ["a missing member", { items: [{ why: "a" }] }],
    ["too few items", { items: [] }],
    ["too many items", { items: [1, 2, 3].map(() => ({ why: "a", score: "3" })) }],
    ["no list", { items: "a" }],
  ])("says what does not fit: %s", (_, value) => {
    expect(assembleForm(form, JSON.stringify(value), false)).toMatchObject({ kind: "mismatch" });
  });

  it("says that a text is no JSON object", () => {
    expect(assembleForm(form, "The answer is 3.", false)).toEqual({ kind: "not-json" });
    expect(assembleForm(form, "[1]", false)).toEqual({ kind: "not-json" });
  });

  it("gives a beginning of the text for every beginning of the JSON, and never half a choice", () => {
    for (let end = 1; end < json.length; end++) {
      const result = assembleForm(form, json.slice(0, end), true);
      const cut = result.kind === "text" ? result.text : "?";
      expect(text.startsWith(cut), `${end}: ${cut}`).toBe(true);
    }
    expect(assembleForm(form, '{"items":[{"why":"a","score":"3', true)).toEqual({
      kind: "text",
      text: "Scores\n1. a \\boxed{",
    });
  });
});

describe("closeJson", () => {
  it("makes every beginning of a JSON object parse", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), fc.nat(), (value, at) => {
        const whole = JSON.stringify(value);
        const end = 1 + (at % whole.length);
        expect(() => JSON.parse(closeJson(whole.slice(0, end)))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

describe("formSchema", () => {
  it("is strict: every member required, none added, in the form's order", () => {
    expect(formSchema(form)).toEqual({
      type: "object",
      properties: {
        items: {
          type: "array",
          minItems: 1,
          maxItems: 2,
          items: {
            type: "object",
            properties: {
              why: { type: "string", description: "At most 20 tokens." },
              score: { type: "string", enum: ["3", "3.5"] },
            },
            required: ["why", "score"],
            additionalProperties: false,
          },
        },
      },
      required: ["items"],
      additionalProperties: false,
    });
  });
});
