import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeMarkup, Markup, markup } from "./markup.ts";

test("texts are escaped, markup is kept, lists are joined, nothing leaves nothing", () => {
  const inner = markup`<i>${"<&>"}</i>`;
  expect(markup`<b title="${`"'`}">${[inner, "x", null, [1, undefined]]}${false}</b>`.text).toBe(
    '<b title="&quot;&#39;"><i>&lt;&amp;&gt;</i>x1</b>',
  );
  expect(markup`${new Markup("<hr>")}`.text).toBe("<hr>");
});

test("no text can open a tag, leave an attribute or be other than it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeMarkup(text);
      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replace(/&(amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
    }),
    { numRuns: 50 },
  );
});
