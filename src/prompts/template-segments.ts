import type { TemplateTexts } from "./render.ts";

/** A template as fixed texts with places between them: `fixed[0] + texts[slots[0]] + fixed[1] + ...`. */
export interface TemplateSegments {
  fixed: string[];
  slots: (keyof TemplateTexts)[];
}

/** Characters that filters, tests and loops of a template would treat in some special way. */
const tricky = " \n\t{{ x }} {% y %} <&\"'\\ \u00e9\u{1f600} [end] \n ";

/**
 * Splits a template into fixed texts and places, where it does nothing with its texts but insert them: then filling it
 * is joining strings, many times faster than rendering. `undefined` where a template does more (a filter, a condition),
 * which is found out by comparing with what `render` makes of texts with special characters.
 */
export function templateSegments(
  names: readonly (keyof TemplateTexts)[],
  render: (texts: TemplateTexts) => string,
): TemplateSegments | undefined {
  const probe = (name: string) => `probe-of-${name}-${"x".repeat(8)}`;
  const withTexts = (text: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [name, text(name)])) as TemplateTexts;
  const rendered = render(withTexts(probe));
  const places = names
    .map((name) => ({ name, at: rendered.indexOf(probe(name)) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  const fixed: string[] = [];
  let position = 0;
  for (const { name, at } of places) {
    fixed.push(rendered.slice(position, at));
    position = at + probe(name).length;
  }
  fixed.push(rendered.slice(position));
  const segments = { fixed, slots: places.map(({ name }) => name) };
  const same = [tricky, "", "\n", "0"].every((text) => {
    const texts = withTexts((name) => (text === "" ? "" : name + text));
    return fillSegments(segments, texts) === render(texts);
  });
  return same ? segments : undefined;
}

/** The text of a template with its places filled. */
export function fillSegments({ fixed, slots }: TemplateSegments, texts: TemplateTexts): string {
  let text = fixed[0]!;
  for (const [index, slot] of slots.entries()) text += texts[slot]! + fixed[index + 1]!;
  return text;
}
