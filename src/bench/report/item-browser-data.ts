import { gzipSync } from "node:zlib";
import type { RunItem, ScoreKind } from "../run/index.ts";

/** What the list of items in the page shows and filters by; the rest of an item is in a chunk. */
export interface ItemEntry {
  key: string;
  benchmark: string;
  subset: string;
  /** Outcomes of the item's pairs. */
  wins: number;
  ties: number;
  losses: number;
  /** Responses without a score (pairwise: comparisons without a verdict that can be read). */
  unscored: number;
  /** Begin of the query. */
  snippet: string;
  /** Where the item's texts are; missing where they were left out. */
  chunk?: number;
  place?: number;
}

/** The items of a page: a list, and gzipped JSON in base64 for the texts, in pieces that are unpacked when needed. */
export interface ItemBrowserData {
  index: string;
  chunks: string[];
  items: number;
  /** Items whose texts were left out to keep the page small. */
  withoutTexts: number;
}

/** JSON of about this many characters goes into a chunk: unpacked in some ten milliseconds. */
const chunkCharacters = 1 << 20;

/**
 * Packs the items for the page. Right and wrong are by the kind of score that `kindOf` gives for a benchmark. Texts of
 * items beyond `maxBytes` of packed data are left out, and counted.
 */
export async function packItems(
  items: AsyncIterable<RunItem>,
  maxBytes: number,
  kindOf: (benchmark: string) => ScoreKind = () => "hard",
): Promise<ItemBrowserData> {
  const entries: ItemEntry[] = [];
  const chunks: string[] = [];
  let pending: string[] = [];
  let [pendingSize, packedSize, withoutTexts] = [0, 0, 0];
  const flush = () => {
    if (pending.length === 0) return;
    const packed = pack(`[${pending.join(",")}]`);
    packedSize += packed.length;
    chunks.push(packed);
    pending = [];
    pendingSize = 0;
  };
  for await (const item of items) {
    const entry = entryOf(item, kindOf(item.benchmark));
    entries.push(entry);
    if (packedSize >= maxBytes) {
      withoutTexts++;
      continue;
    }
    const json = JSON.stringify(textsOf(item));
    Object.assign(entry, { chunk: chunks.length, place: pending.length });
    pending.push(json);
    pendingSize += json.length;
    if (pendingSize >= chunkCharacters) flush();
  }
  flush();
  return { index: pack(JSON.stringify(entries)), chunks, items: entries.length, withoutTexts };
}

function pack(json: string): string {
  return gzipSync(json).toString("base64");
}

function entryOf(item: RunItem, kind: ScoreKind): ItemEntry {
  const lastTurn = item.input.messages.at(-1)?.content ?? "";
  return {
    key: item.item,
    benchmark: item.benchmark,
    subset: item.subset,
    ...outcomes(item, kind),
    snippet: lastTurn.slice(0, 300).replace(/\s+/g, " ").trim().slice(0, 140),
  };
}

/** How the item's pairs came out by scores of a kind, or by verdicts. */
function outcomes(item: RunItem, kind: ScoreKind): Pick<ItemEntry, "wins" | "ties" | "losses" | "unscored"> {
  const counts = { wins: 0, ties: 0, losses: 0, unscored: 0 };
  if (item.pairwise !== undefined) {
    for (const comparison of item.pairwise) {
      const preferred = comparison.preferred;
      if (comparison.verdicts.includes(null)) counts.unscored++;
      if (preferred === null) counts.ties++;
      else if (item.quality[preferred]! === Math.max(item.quality[comparison.a]!, item.quality[comparison.b]!))
        counts.wins++;
      else counts.losses++;
    }
    return counts;
  }
  const scores = item[kind];
  counts.unscored = scores.filter((score) => score === null).length;
  for (const [better, worse] of item.pairs) {
    const [high, low] = [scores[better] ?? null, scores[worse] ?? null];
    if (high === null || low === null) continue;
    counts[high > low ? "wins" : high === low ? "ties" : "losses"]++;
  }
  return counts;
}

/** What the page shows of an item when it is opened. */
function textsOf(item: RunItem) {
  const { judgment, pairwise } = item;
  return {
    messages: item.input.messages,
    criteria: (judgment?.criteria ?? []).map((sample) => {
      const { responseId, text } = sample;
      return "unscored" in sample
        ? { responseId, text, unscored: sample.unscored.detail }
        : { responseId, items: sample.items };
    }),
    responses: item.input.responses.map((text, index) => ({
      text,
      quality: item.quality[index],
      hard: item.hard[index] ?? null,
      expected: item.expected[index] ?? null,
      unscored: item.unscored[index] ?? null,
      evaluations: (judgment?.responses[index]?.evaluations ?? []).map((evaluation) => {
        const { score, text } = evaluation;
        if ("unscored" in evaluation) return { score, text, unscored: evaluation.unscored.detail };
        const { criterionScores, otherPoints, rationale } = evaluation;
        return { score, text, criterionScores, otherPoints, rationale };
      }),
    })),
    pairs: item.pairs,
    pairwise,
  };
}
