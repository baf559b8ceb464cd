import { InputError } from "../core/errors.ts";
import { countMarkers, markerTexts } from "./markers.ts";
import { type Pack, type TemplateName, templateNames } from "./pack.ts";
import { renderJinja } from "./render.ts";
import { verdictTexts } from "./verdicts.ts";

const slots = ["query", "response", "responseA", "responseB"] as const;
type Slot = (typeof slots)[number];

const needs: Record<TemplateName, Slot[]> = {
  criteria: ["query"],
  evaluation: ["response"],
  "per-response": ["query", "response"],
  implicit: ["query", "response"],
  pairwise: ["query", "responseA", "responseB"],
};

const probes: Record<Slot, string> = {
  query: "probe-of-the-query",
  response: "probe-of-the-response",
  responseA: "probe-of-the-first-response",
  responseB: "probe-of-the-second-response",
};

/** Checks every template of a pack but a borrowed one, which is checked where it is used. Throws `InputError`. */
export function checkTemplates(pack: Pack): void {
  for (const name of templateNames) if (pack.templates[name].borrowed !== true) checkTemplate(pack, name);
}

/**
 * Renders a template with probes and throws `InputError` where a pack cannot keep its promises: each text stands once
 * and between its markers, text cannot complete a marker with the template's own characters, and what comes before a
 * response does not depend on it (else responses of one query share no prefix).
 */
export function checkTemplate(pack: Pack, name: TemplateName): void {
  const fail = (message: string): never => {
    throw new InputError(message, { file: pack.templates[name].file });
  };
  const render = (texts: Record<Slot, string>): string => {
    try {
      return renderJinja(pack, name, texts);
    } catch (cause) {
      return fail(`cannot be rendered: ${(cause as Error).message}`);
    }
  };
  const text = render(probes);
  for (const slot of slots) checkPlace(pack, text, slot, needs[name].includes(slot), fail);
  for (const slot of needs[name].filter((each) => each !== "query")) {
    const before = text.slice(0, text.indexOf(probes[slot]));
    if (!render({ ...probes, [slot]: "another probe, longer than the first" }).startsWith(before)) {
      fail(`depends on the response before {{ ${slot} }}; put everything that does after it`);
    }
  }
  const counts = countMarkers(pack.markers, text).join();
  for (const marker of markerTexts(pack.markers)) {
    for (const part of [marker.slice(1), marker.slice(0, -1)]) {
      const filled = Object.fromEntries(slots.map((slot) => [slot, part])) as Record<Slot, string>;
      if (countMarkers(pack.markers, render(filled)).join() !== counts) {
        fail(`its characters next to a query or response can complete the marker ${marker}; put a line break there`);
      }
    }
  }
  if (name === "pairwise") {
    const missing = Object.values(verdictTexts).filter((verdict) => !text.includes(verdict));
    if (missing.length > 0) fail(`must name the verdicts as they are read; it lacks ${missing.join(", ")}`);
  }
}

function checkPlace(pack: Pack, text: string, slot: Slot, needed: boolean, fail: (message: string) => never): void {
  const expected = needed ? 1 : 0;
  const found = text.split(probes[slot]).length - 1;
  if (found !== expected) {
    fail(`has {{ ${slot} }} ${found} times, expected ${expected === 1 ? "once" : "none, it is not known there"}`);
  }
  if (!needed) return;
  const { start, end } = pack.markers[slot === "query" ? "query" : "response"];
  const at = text.indexOf(probes[slot]);
  const opened = text.lastIndexOf(start, at);
  const closed = text.indexOf(end, at);
  if (opened === -1 || closed === -1 || text.slice(opened, at).includes(end)) {
    fail(`must have {{ ${slot} }} between ${start} and ${end}`);
  }
}
