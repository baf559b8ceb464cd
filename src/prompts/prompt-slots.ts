import { escapeRegExp } from "./markers.ts";

export type Slot = "query" | "response";

/** Where a query or response goes in a prompt text, offsets in UTF-16 units. */
export interface FoundSlot {
  slot: Slot;
  start: number;
  end: number;
  /** Written in single braces, as in a Python format string. */
  singleBraces: boolean;
}

const names: Record<Slot, string> = {
  query: "(?:user[ _-]?)?(?:query|question|instruction|prompt|input)",
  response: "(?:model[ _-]?|candidate[ _-]?)?(?:response|answer|output|completion)",
};

/**
 * Finds the places for the query and the response in a prompt: `{query}`, `{{ query }}`, `${query}`, `<query>`,
 * `[QUERY]` and the like, by any usual name; where a slot has none, whatever stands between its block markers.
 */
export function findSlots(text: string, blocks: Record<Slot, { start: string; end: string }>): FoundSlot[] {
  return (["query", "response"] as const)
    .flatMap((slot) => {
      const inBlock = findInBlock(text, slot, blocks[slot]);
      const named = findNamed(text, slot).filter((found) => !isOpeningTag(text, found));
      // A name between the markers is the slot; the same name elsewhere is part of the wording.
      const enclosed =
        inBlock === undefined ? [] : named.filter((at) => at.start >= inBlock.start && at.end <= inBlock.end);
      if (enclosed.length > 0) return enclosed;
      if (inBlock !== undefined) return [inBlock];
      return named;
    })
    .sort((a, b) => a.start - b.start);
}

function findNamed(text: string, slot: Slot): FoundSlot[] {
  const name = names[slot];
  const pattern = new RegExp(
    `\\$?\\{\\{\\s*${name}\\s*\\}\\}|\\$?(\\{\\s*${name}\\s*\\})|<<\\s*${name}\\s*>>|<\\s*(?:the |your )?${name}\\s*>|\\[\\s*(?:the |your |insert )?${name}\\s*\\]`,
    "gi",
  );
  return [...text.matchAll(pattern)].map((match) => ({
    slot,
    start: match.index,
    end: match.index + match[0].length,
    singleBraces: match[1] !== undefined && !match[0].startsWith("$"),
  }));
}

/** `<query>` may be a marker rather than the place: then `</query>` closes it. */
function isOpeningTag(text: string, found: FoundSlot): boolean {
  const name = /^<\s*(\w+)\s*>$/.exec(text.slice(found.start, found.end))?.[1];
  return name !== undefined && new RegExp(`</\\s*${name}\\s*>`, "i").test(text.slice(found.end));
}

function findInBlock(text: string, slot: Slot, block: { start: string; end: string }): FoundSlot | undefined {
  const pattern = new RegExp(
    `${escapeRegExp(block.start)}[ \\t]*\\n((?:(?!${escapeRegExp(block.start)})[^])*?)\\n?[ \\t]*${escapeRegExp(block.end)}`,
  );
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const start = match.index + match[0].indexOf("\n") + 1;
  return { slot, start, end: start + match[1]!.length, singleBraces: false };
}
