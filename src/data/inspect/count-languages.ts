import type { LanguageSummary } from "./preference-summary.ts";

/** The languages of texts by the frequencies of their letters (ELD); `und` where it cannot tell. */
export async function countLanguages(texts: readonly string[]): Promise<LanguageSummary> {
  if (texts.length === 0) return { sampled: 0, counts: [] };
  // Loaded here, because its tables take a second and 100 MB.
  const { eld } = await import("eld/medium");
  const counts = new Map<string, number>();
  for (const text of texts) {
    const found = eld.detect(text);
    const language = found.language !== "" && found.isReliable() ? found.language : "und";
    counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return {
    sampled: texts.length,
    counts: [...counts]
      .map(([language, queries]) => ({ language, queries }))
      .sort((a, b) => b.queries - a.queries || (a.language < b.language ? -1 : 1)),
  };
}
