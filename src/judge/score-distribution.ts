import type { ScoreDistribution } from "../core/reward.ts";
import type { Scale } from "../core/scale.ts";
import type { FormChoice, Generation, TokenLogprob } from "../engines/engine.ts";
import { scoreTexts } from "../prompts/forms.ts";

/** Where the overall number stands in the text, UTF-16 units. */
interface Span {
  start: number;
  end: number;
}

/**
 * The probabilities of the allowed scores at the place of the overall score: exact where a form was filled; read from the
 * alternatives of the tokens where log-probabilities came with the text; `undefined` where the engine gave neither.
 */
export function scoreDistribution(
  generation: Pick<Generation, "text" | "choices" | "tokens">,
  span: Span,
  scale: Scale,
): ScoreDistribution | undefined {
  const choice = generation.choices?.find((candidate) => candidate.offset === span.start);
  if (choice !== undefined) return fromChoice(choice);
  if (generation.tokens === undefined) return undefined;
  const shift = tokenShift(generation.text, generation.tokens, span);
  if (shift === undefined) return undefined;
  return fromTokens(generation.tokens, { start: span.start + shift, end: span.end + shift }, scale);
}

/** Mean of a distribution (the expected score). */
export function expectedScore({ scores, probabilities }: ScoreDistribution): number {
  return scores.reduce((sum, score, index) => sum + score * probabilities[index]!, 0);
}

function fromChoice(choice: FormChoice): ScoreDistribution {
  return { scores: choice.options.map(Number), probabilities: choice.probabilities, mass: choice.mass };
}

/**
 * How far the tokens' texts are ahead of the text at the score. Servers trim the text, add an end token, or show parts of
 * one character as replacement characters; `undefined` where the score's place cannot be told.
 */
function tokenShift(text: string, tokens: TokenLogprob[], span: Span): number | undefined {
  const joined = tokens.map((token) => token.text).join("");
  if (joined.startsWith(text.slice(0, span.end))) return 0;
  const box = Math.max(0, text.lastIndexOf("\\boxed", span.start));
  const at = joined.lastIndexOf(text.slice(box));
  return at === -1 ? undefined : at - box;
}

/**
 * A score may be several tokens ("7", ".", "5"), and alternatives are known only along the path the judge took. At every
 * token of the written score, an alternative that completes an allowed score counts for it; one that could still become
 * several (such as "1" of "1" and "10") counts for the score it already spells. So the distribution is exact on the
 * judge's own path and stops at the first differing token elsewhere.
 */
function fromTokens(tokens: TokenLogprob[], span: Span, scale: Scale): ScoreDistribution | undefined {
  const scores = scoreTexts(scale).map(Number);
  const weights = new Map<number, number>();
  const count = (written: string, logprob: number) => {
    const score = spelledScore(written);
    if (score !== undefined && scores.includes(score))
      weights.set(score, (weights.get(score) ?? 0) + Math.exp(pathLogprob + logprob));
  };
  let position = 0;
  let path = "";
  let pathLogprob = 0;
  let ended = false;
  for (const token of tokens) {
    const start = position;
    position += token.text.length;
    if (position <= span.start) continue;
    const lead = token.text.slice(0, Math.max(0, span.start - start));
    const written = path + token.text.slice(lead.length);
    const others = (token.top ?? []).filter(({ text }) => text !== token.text);
    for (const { text, logprob } of others) {
      const rest = withoutLead(text, lead);
      if (rest !== undefined) count(path + rest, logprob);
    }
    // The path ends with the token that says so: the box's end, also where it came in one token with the number ("7}").
    if (start >= span.end || !mayGoOn(written)) {
      count(written, token.logprob);
      ended = true;
      break;
    }
    path = written;
    pathLogprob += token.logprob;
  }
  if (!ended) count(path, 0);
  const mass = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  if (mass === 0) return undefined;
  return { scores, probabilities: scores.map((score) => (weights.get(score) ?? 0) / mass), mass: Math.min(1, mass) };
}

/** An alternative's text from where the score starts; a space before the number is as good as none. */
function withoutLead(text: string, lead: string): string | undefined {
  if (text.startsWith(lead)) return text.slice(lead.length);
  return lead.trim() === "" ? text : undefined;
}

/** The number a text begins with: `"7}"` and `"7"` spell 7. */
function spelledScore(text: string): number | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?|[.,]\d+)/.exec(text);
  return match === null ? undefined : Number(match[1]!.replace(",", "."));
}

/** Whether the number may still get longer. */
function mayGoOn(text: string): boolean {
  return /^\s*\d*[.,]?\d*$/.test(text);
}
