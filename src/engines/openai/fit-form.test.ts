import { describe, expect, it } from "vitest";
import type { Form } from "../../core/form.ts";
import { criteriaForm } from "../../prompts/forms.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { fitForm, freeTextTokens } from "./fit-form.ts";
import { requestBody } from "./request-body.ts";
import { initialTraits } from "./server-traits.ts";

const form = criteriaForm(await loadPack("compact"));

describe("a form and a limit of tokens", () => {
  it("that go together leave the form as it is", () => {
    expect(freeTextTokens(form)).toBe(4 * (6 + 16));
    expect(fitForm(form, 88)).toBe(form);
  });

  it("that do not shorten its free texts in proportion, and nothing else", () => {
    const short = fitForm(form, 44);
    expect(freeTextTokens(short)).toBe(44);
    const lengthen = (parts: Form["parts"]) => JSON.stringify(parts).replaceAll(/"maxTokens":\d+/g, "");
    expect(lengthen(short.parts)).toBe(lengthen(form.parts));
    expect(fitForm(form, 44)).toBe(short);
    // A text cannot be left out: a token each is the least.
    expect(freeTextTokens(fitForm(form, 1))).toBe(8);
  });

  it("leave room for the longest answer: a server would cut it off before its end", () => {
    const ask = (maxTokens: number) => {
      const messages = [{ role: "user" as const, content: "Criteria, please." }];
      const request = { messages, n: 1, maxTokens, temperature: 0, topP: 1, seed: 0, stop: [], form };
      const options = { model: "m", n: 1, seed: 0, stream: false, extra: {} };
      return requestBody(request, initialTraits("llama-server"), options) as { grammar: string; max_tokens: number };
    };
    const [narrow, wide] = [ask(44), ask(192)];
    // Six characters a token: terms of 6 and 3 tokens, descriptions of 16 and 8.
    for (const bound of ["{1,36}", "{1,96}"]) expect(wide.grammar).toContain(bound);
    for (const bound of ["{1,18}", "{1,48}"]) expect(narrow.grammar).toContain(bound);
    // A token for every character that is allowed; markers and numbers are 20 at least.
    expect(narrow.max_tokens).toBeGreaterThanOrEqual(44 * 6 + 20);
    expect(wide.max_tokens).toBeGreaterThanOrEqual(88 * 6 + 20);
  });
});
