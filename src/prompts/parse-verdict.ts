import { maskQuotations, mentionsResponse, squeeze } from "./quotations.ts";
import { maskThinking } from "./thinking.ts";
import { type FoundVerdict, findVerdicts, type Verdict, verdictTexts } from "./verdicts.ts";

export interface VerdictAnswer {
  /** The judge's answer. */
  text: string;
  finishReason: "stop" | "length";
  /** Texts that the judge was shown (query, responses); verdicts quoted from them are not the judge's. */
  shown: string[];
  /** Choices of a form the engine filled: the verdict is among them for certain, and nowhere else. */
  choices?: { offset: number }[];
}

/** Why an answer gives no verdict: cut off before it, none in it, or several that differ. */
export type VerdictFault = "truncated" | "no-verdict" | "several-verdicts";

export type ParsedVerdict = { ok: true; verdict: Verdict } | { ok: false; reason: VerdictFault; detail: string };

/**
 * Reads a pairwise judge's answer. The verdict is the one that the judge wrote, however often; several different ones
 * are none, as in JudgeBench. Of an answer that was cut off a verdict counts only on a line that announces it. Never
 * throws.
 */
export function parseVerdict(answer: VerdictAnswer): ParsedVerdict {
  const cutOff = answer.finishReason === "length";
  const thinking = maskThinking(answer.text);
  if (thinking.unclosed) return fault(cutOff ? "truncated" : "no-verdict", "The answer ends inside its thinking.");
  const own = ownVerdicts(thinking.text, answer);
  if (own.length === 0) {
    if (cutOff) return fault("truncated", "The answer was cut off before its verdict.");
    const quoted = findVerdicts(thinking.text).length > 0;
    return fault("no-verdict", quoted ? "The only verdicts are quoted." : "The answer has no verdict.");
  }
  const different = [...new Set(own.map(({ verdict }) => verdict))];
  if (different.length > 1) {
    const list = different.map((verdict) => verdictTexts[verdict]).join(", ");
    return fault("several-verdicts", `The answer has verdicts that differ: ${list}.`);
  }
  if (cutOff && !isAnnounced(own, thinking.text))
    return fault("truncated", "The answer was cut off, and may have gone on to its verdict.");
  return { ok: true, verdict: different[0]! };
}

function ownVerdicts(text: string, answer: VerdictAnswer): FoundVerdict[] {
  const { choices } = answer;
  if (choices !== undefined) {
    return findVerdicts(text).filter(({ letterAt }) => choices.some(({ offset }) => offset === letterAt));
  }
  const shown = answer.shown.join("\n");
  const visible = findVerdicts(maskQuotations(text, shown, verdictSign));
  const known = findVerdicts(shown).map(({ start, end }) => squeeze(shown.slice(start, end)));
  if (known.length === 0) return visible;
  const responses = { text: squeeze(shown), contents: new Set(known) };
  return visible.filter(({ start, end, letterAt }) => {
    const sign = { start, end, contentStart: letterAt, content: text.slice(start, end) };
    return !mentionsResponse(text, sign, responses);
  });
}

const verdictSign = {
  isIn: (text: string) => findVerdicts(text).length > 0,
  isAll: (text: string) => {
    const found = findVerdicts(text);
    return found.length === 1 && /^[$*\s]*$/.test(text.slice(0, found[0]!.start) + text.slice(found[0]!.end));
  },
};

/** Whether one of these verdicts, in their order, stands on a line that begins as an announcement of it. */
function isAnnounced(verdicts: readonly FoundVerdict[], text: string): boolean {
  let before: number | undefined;
  return verdicts.some(({ start }) => {
    // What announces the second verdict of a line announces the first one too.
    const sameLine = before !== undefined && !text.slice(before, start).includes("\n");
    before = start;
    if (sameLine) return false;
    return /^[\s*_#]*(?:final\s+)?verdict\b/i.test(text.slice(text.lastIndexOf("\n", start) + 1, start));
  });
}

function fault(reason: VerdictFault, detail: string): ParsedVerdict {
  return { ok: false, reason, detail };
}
