import type { Criteria, Criterion } from "../core/criteria.ts";
import { InputError } from "../core/errors.ts";
import { neutraliseMarkers } from "./markers.ts";
import { normaliseTerm } from "./normalise-term.ts";
import type { Pack } from "./pack.ts";

/**
 * Criteria given by the user, written out as the pack's answer of turn 1 would be. Throws `InputError` for an empty
 * list, an empty term or a term that is given twice.
 */
export function givenCriteria(pack: Pack, items: Criterion[]): Criteria {
  if (items.length === 0) throw new InputError("got no criterion, expected at least one", { field: "criteria" });
  const seen = new Map<string, number>();
  const tidy = items.map((item, index) => {
    const term = oneLine(item.term);
    const key = normaliseTerm(term);
    const field = `criteria[${index}].term`;
    if (key === "") throw new InputError(`got ${JSON.stringify(item.term)}, expected a term with a letter`, { field });
    const earlier = seen.get(key);
    if (earlier !== undefined) {
      throw new InputError(`"${term}" is given twice (first as criteria[${earlier}]); remove one`, { field });
    }
    seen.set(key, index);
    return { term, description: oneLine(item.description) };
  });
  const lines = tidy.map(({ term, description }, index) => {
    const text = description === "" ? `**${term}**` : `**${term}**: ${description}`;
    return `${index + 1}. ${neutraliseMarkers(pack.markers, text)}`;
  });
  const { start, end } = pack.markers.criteria;
  return { items: tidy, text: [start, ...lines, end].join("\n") };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
