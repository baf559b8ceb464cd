/** More says no more about the language. */
const lookedAt = 1000;
/** A text with fewer letters says too little to be refused for. */
const fewestLetters = 40;

/**
 * A test whether a text is English, by the frequencies of its letters (ELD) and by its script; a short text of Latin
 * letters is. Its tables, which take a second and 200 MB, are loaded here and nowhere before.
 */
export async function openEnglishTest(): Promise<(text: string) => boolean> {
  const { eld } = await import("eld/medium");
  return (text) => {
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
    if (latin < letters * 0.95) return false;
    if (letters < fewestLetters) return true;
    const found = eld.detect(text.slice(0, lookedAt));
    return found.language === "en" || found.language === "" || !found.isReliable();
  };
}
