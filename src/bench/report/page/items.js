import { textsOf } from "./unpack.js";

// The filters of the item browser.

const outcomeTests = {
  all: () => true,
  error: (entry) => entry.losses > 0,
  tie: (entry) => entry.ties > 0,
  unscored: (entry) => entry.unscored > 0,
  right: (entry) => entry.wins > 0 && entry.losses + entry.ties + entry.unscored === 0,
};

/** Whether an entry passes everything but the text search. */
function passes(entry, { benchmark, subset, outcome }) {
  return (
    (benchmark === "" || entry.benchmark === benchmark) &&
    (subset === "" || entry.subset === subset) &&
    outcomeTests[outcome](entry)
  );
}

/** All of an item's texts that a search looks through, in lower case. */
function searchableText(entry, texts) {
  const parts = [entry.key, entry.snippet];
  if (texts !== undefined) {
    for (const message of texts.messages) parts.push(message.content);
    for (const sample of texts.criteria)
      parts.push(...(sample.items ?? []).flatMap(({ term, description }) => [term, description]));
    for (const response of texts.responses)
      parts.push(response.text, ...response.evaluations.map((evaluation) => evaluation.text ?? ""));
    for (const comparison of texts.pairwise ?? []) parts.push(...(comparison.texts ?? []));
  }
  return parts.join("\n").toLowerCase();
}

/**
 * Entries that pass the filters, in order. With search words every word must occur; `stillWanted` ends a search that the
 * next keystroke has made useless (the result is then `undefined`).
 */
export async function filterEntries(entries, filters, stillWanted) {
  const candidates = entries.filter((entry) => passes(entry, filters));
  const words = filters.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return candidates;
  const found = [];
  let chunk;
  for (const entry of candidates) {
    if (entry.chunk !== chunk) {
      chunk = entry.chunk;
      await new Promise((resolve) => setTimeout(resolve));
      if (!stillWanted()) return undefined;
    }
    const text = searchableText(entry, await textsOf(entry));
    if (words.every((word) => text.includes(word))) found.push(entry);
  }
  return found;
}
