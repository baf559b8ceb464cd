import type { Criteria, Criterion } from "../core/criteria.ts";
import type { UnscoredReason } from "../core/reward.ts";
import { readCriteriaList } from "./criteria-list.ts";
import { markerRegExpSource } from "./markers.ts";
import type { Pack } from "./pack.ts";
import { maskThinking } from "./thinking.ts";

export type ParsedCriteria = { ok: true; criteria: Criteria } | { ok: false; reason: UnscoredReason; detail: string };

/**
 * Reads the criteria of a judge's answer to turn 1: the last list between the pack's markers. A marker may be missing
 * from a finished answer; without both, the last list of terms with descriptions counts. An answer that was cut off
 * before the end marker is `"truncated"`, since criteria may be missing. Never throws.
 */
export function parseCriteria(pack: Pack, text: string, finishReason: "stop" | "length"): ParsedCriteria {
  const cutOff = finishReason === "length";
  const thinking = maskThinking(text);
  if (thinking.unclosed) {
    const reason = cutOff ? "truncated" : "criteria-unparsable";
    return { ok: false, reason, detail: "The criteria answer ends inside its thinking." };
  }
  const { start, end } = pack.markers.criteria;
  const starts = places(thinking.text, start);
  const ends = places(thinking.text, end);
  const complete = lastPair(thinking.text, starts, ends);
  if (complete !== undefined) return { ok: true, criteria: { items: complete, text } };
  if (cutOff && (ends.at(-1)?.start ?? -1) <= (starts.at(-1)?.start ?? -1)) {
    return { ok: false, reason: "truncated", detail: `The criteria answer was cut off before ${end}.` };
  }
  const items = unpaired(thinking.text, starts, ends);
  if (items.length > 0) return { ok: true, criteria: { items, text } };
  const detail =
    thinking.text.trim() === ""
      ? "The criteria answer is empty."
      : "The criteria answer holds no list that can be read.";
  return { ok: false, reason: "criteria-unparsable", detail };
}

interface Span {
  start: number;
  end: number;
}

/** Where a marker stands; other case or spacing counts only where it never stands as it should. */
function places(text: string, marker: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(marker); at !== -1; at = text.indexOf(marker, at + marker.length)) {
    spans.push({ start: at, end: at + marker.length });
  }
  if (spans.length > 0) return spans;
  return [...text.matchAll(new RegExp(markerRegExpSource(marker), "gi"))].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function lastPair(text: string, starts: Span[], ends: Span[]): Criterion[] | undefined {
  // An answer with more markers than this is a model repeating itself; the limit bounds the work.
  for (const end of ends.slice(-20).toReversed()) {
    const start = starts.findLast((candidate) => candidate.end <= end.start);
    if (start === undefined) continue;
    const items = readCriteriaList(undecorated(text.slice(start.end, end.start)), { strict: false });
    if (items.length > 0) return items;
  }
  return undefined;
}

function unpaired(text: string, starts: Span[], ends: Span[]): Criterion[] {
  const start = starts.at(-1);
  const end = ends.at(-1);
  if (start !== undefined && (end === undefined || end.end <= start.start)) {
    const items = readCriteriaList(undecorated(text.slice(start.end)), { strict: false });
    if (items.length > 0) return items;
  }
  return readCriteriaList(undecorated(text.slice(0, start === undefined ? end?.start : text.length)), { strict: true });
}

/** Without what is left of emphasis and heading signs around the markers. */
function undecorated(text: string): string {
  return text.replace(/^[*_`]{1,9}(?=[ \t]*\n)/, "").replace(/(?<=\n)[ \t]*[*_#`]{1,9}[ \t]*$/, "");
}
