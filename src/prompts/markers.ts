import type { PackMarkers } from "./pack-metadata.ts";

interface MarkerPatterns {
  neutralise: RegExp;
  restore: RegExp;
  /** One for each marker, the turn heading last. */
  each: RegExp[];
}

const cache = new WeakMap<PackMarkers, MarkerPatterns>();

/**
 * Makes text of a query or response harmless inside its block: a backslash goes after the first character of everything
 * that reads like one of the pack's markers, whatever its case and spacing, so `[End of Response]` becomes
 * `[\End of Response]`. A marker that has backslashes there already gets one more, which makes it reversible.
 * All other text, `\boxed{}`, Jinja and chat-template tokens included, stays as it is.
 */
export function neutraliseMarkers(markers: PackMarkers, text: string): string {
  return text.replace(patterns(markers).neutralise, "$&\\");
}

/** Inverse of `neutraliseMarkers`: gives back the text exactly as it was. */
export function restoreMarkers(markers: PackMarkers, text: string): string {
  return text.replace(patterns(markers).restore, (match) => match.slice(0, -1));
}

/** The marker texts of a pack, without the turn heading (which is a pattern). */
export function markerTexts(markers: PackMarkers): string[] {
  return [markers.query, markers.response, markers.criteria].flatMap((pair) => [pair.start, pair.end]);
}

/** How often each marker, and any turn heading, stands in a text; case and spacing do not matter. */
export function countMarkers(markers: PackMarkers, text: string): number[] {
  return patterns(markers).each.map((marker) => text.match(marker)?.length ?? 0);
}

/** Source of a regular expression that matches a marker, apart from case. */
export function markerRegExpSource(marker: string): string {
  const { first, body } = markerSource(marker);
  return first + body;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function markerSource(marker: string): { first: string; body: string } {
  const characters = [...marker];
  const rest = characters.slice(1).join("").replace(/\s+/g, "");
  const pieces = rest.split(/(\{i\}|\{role\})/).flatMap((piece) => {
    if (piece === "{i}") return ["\\d+"];
    if (piece === "{role}") return ["(?:system|user|assistant)"];
    return [...piece].map(escapeRegExp);
  });
  return { first: escapeRegExp(characters[0]!), body: pieces.map((piece) => `\\s*${piece}`).join("") };
}

function patterns(markers: PackMarkers): MarkerPatterns {
  const known = cache.get(markers);
  if (known !== undefined) return known;
  const sources = [...markerTexts(markers), markers.turn].map(markerSource);
  const made = {
    neutralise: new RegExp(sources.map(({ first, body }) => `${first}(?=\\\\*${body})`).join("|"), "gi"),
    restore: new RegExp(sources.map(({ first, body }) => `${first}\\\\(?=\\\\*${body})`).join("|"), "gi"),
    each: sources.map(({ first, body }) => new RegExp(first + body, "gi")),
  };
  cache.set(markers, made);
  return made;
}
