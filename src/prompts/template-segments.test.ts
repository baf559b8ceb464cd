import { Template } from "@huggingface/jinja";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillSegments, templateSegments } from "./template-segments.ts";

const render = (source: string) => {
  const template = new Template(source);
  return (texts: object) => template.render({ fixed: { a: "A" }, ...texts });
};

describe("templateSegments", () => {
  test("a template that only inserts is filled exactly as Jinja renders it", () => {
    const jinja = render("{{ fixed.a }}: [{{ query }}]\n{{ response }}{% if fixed.a %} end{% endif %}\n");
    const segments = templateSegments(["query", "response"], jinja)!;
    expect(segments.slots).toEqual(["query", "response"]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (query, response) => {
        expect(fillSegments(segments, { query, response })).toBe(jinja({ query, response }));
      }),
    );
  });

  test("text in the place of a text cannot open a place of its own", () => {
    const segments = templateSegments(["query", "response"], render("{{ query }} {{ response }}"))!;
    expect(fillSegments(segments, { query: "{{ response }}", response: "r" })).toBe("{{ response }} r");
  });

  test.each([
    "{{ query | trim }}",
    "{{ query | upper }}",
    "{% if query %}{{ query }}{% endif %}-{% if not query %}none{% endif %}",
    "{{ query }}{{ query }}",
  ])("%s is left to Jinja", (source) => {
    expect(templateSegments(["query"], render(source))).toBeUndefined();
  });
});
