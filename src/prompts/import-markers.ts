import type { PackMarkers } from "./pack-metadata.ts";
import type { FoundSlot } from "./prompt-slots.ts";

interface PromptText {
  text: string;
  slots: FoundSlot[];
}

/**
 * The markers an imported pack uses: the given ones where the prompts have them, else the lines right before and after
 * the place for the query or response, such as `<query>` and `</query>`. Whether they can serve is checked with the pack.
 */
export function surroundingMarkers(markers: PackMarkers, criteria: PromptText, evaluation: PromptText): PackMarkers {
  return {
    ...markers,
    query: pairAround(criteria) ?? markers.query,
    response: pairAround(evaluation) ?? markers.response,
  };

  function pairAround({ text, slots }: PromptText): { start: string; end: string } | undefined {
    const slot = slots[0]!;
    const usual = markers[slot.slot];
    const before = text.slice(0, slot.start);
    const after = text.slice(slot.end);
    if (before.includes(usual.start) && after.includes(usual.end)) return usual;
    const start = /([^\n]+)\n\s*$/.exec(before)?.[1]?.trim();
    const end = /^\s*\n([^\n]+)/.exec(after)?.[1]?.trim();
    return start === undefined || end === undefined ? undefined : { start, end };
  }
}
