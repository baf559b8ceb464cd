import type { ChoicePart, FixedPart, Form, FormPart, FreePart, RepeatPart } from "../../core/form.ts";
import type { FormChoice } from "../engine.ts";
import { beforePartialStop, findStop } from "../find-stop.ts";
import { TokenTextDecoder } from "../text-decoder.ts";
import { choose } from "./choose.ts";
import type { Program, Tokenizer } from "./step.ts";

export interface FilledForm {
  text: string;
  choices: FormChoice[];
  /** Tokens the model sampled or chose. */
  outputTokens: number;
  /** Tokens of fixed text that were put in, not sampled. */
  fixedTokens: number;
}

/** Stands for a free text that the model cannot begin. */
const placeholder = "-";

type SimplePart = FixedPart | FreePart | ChoicePart;

/**
 * Fills a form: fixed text is fed, free text sampled up to its limit, and at a choice the options' probabilities are
 * read. What is fed is always exactly the text that is returned. `maxTokens` limits the free text in all; a free part
 * for which nothing is left gets one token.
 */
export function* fillForm(
  prompt: number[],
  form: Form,
  tokenizer: Tokenizer,
  sampling: { temperature: number; random: () => number; maxTokens?: number },
): Program<FilledForm> {
  /** Tokens of free text that are left for the whole form. */
  let budget = sampling.maxTokens ?? Number.POSITIVE_INFINITY;
  const filled: FilledForm = { text: "", choices: [], outputTokens: 0, fixedTokens: 0 };
  /** Tokens of the text that are not in the sequence yet. The last one stays here until something is read after it. */
  let pending = prompt;
  let recent: number[] = prompt.slice(-8);

  /** Something must be fed before anything can be read: where all is fed already, the last token is fed again. */
  const takePending = (): { erase: number; feed: number[] } =>
    pending.length > 0 ? { erase: 0, feed: pending } : { erase: 1, feed: recent.slice(-1) };

  const add = (text: string, tokens: number[]) => {
    filled.text += text;
    pending = [...pending, ...tokens];
    recent = [...recent, ...tokens].slice(-8);
  };

  function* fillFree(part: FreePart, taken: Set<number> = new Set()): Program<void> {
    const mayOpen = (token: number) => !taken.has(token) && opensText(token, part, tokenizer, recent);
    const decoder = new TokenTextDecoder(tokenizer, recent);
    const limit = Math.max(1, Math.min(part.maxTokens, budget));
    let { erase, feed } = takePending();
    const fed: number[] = [];
    let keep = -1;
    while (keep === -1) {
      const result = yield { erase, feed, want: { kind: "sample", from: feed.length - 1 } };
      erase = 0;
      if (fed.length === 0) pending = [feed.at(-1)!];
      let token = result.sampled[0]!.token;
      if (fed.length === 0 && !mayOpen(token)) {
        // The model wants to skip this text, or to repeat an item. It may not: take the next most probable beginning.
        const again = yield { erase: 1, feed: pending, want: { kind: "top", count: 64 } };
        const opening = again.top.find((candidate) => mayOpen(candidate.token));
        if (opening === undefined) {
          pending = [];
          filled.outputTokens++;
          add(placeholder, tokenizer.tokenize(placeholder));
          return;
        }
        token = opening.token;
      }
      if (fed.length === 0) taken.add(token);
      if (leavesText(token, tokenizer, [...recent, ...fed])) {
        keep = decoder.text.length;
        break;
      }
      decoder.push(token);
      filled.outputTokens++;
      const stopAt = findStop(decoder.text, part.stop);
      if (stopAt !== -1) keep = stopAt;
      else if (decoder.tokens.length >= limit) keep = beforePartialStop(decoder.text, part.stop);
      if (keep === -1) {
        feed = [token];
        fed.push(token);
      }
    }
    budget -= decoder.tokens.length;
    const kept = decoder.text.slice(0, keep).trimEnd();
    const whole = decoder.wholeTokens(kept.length, fed.length);
    const wholeText = whole === 0 ? "" : decoder.text.slice(0, decoder.ends[whole - 1]!);
    if (fed.length > whole) yield { erase: fed.length - whole, feed: [], want: { kind: "nothing" } };
    pending = [];
    recent = [...recent, ...fed.slice(0, whole)].slice(-8);
    filled.text += wholeText;
    // Nothing is kept where all there is are the first bytes of a character.
    const rest = kept === "" ? placeholder : kept.slice(wholeText.length);
    if (rest !== "") add(rest, tokenizer.tokenize(rest));
  }

  function* fillChoice(name: string, options: string[], next: string): Program<number> {
    const end = next === "" ? undefined : tokenizer.tokenize(next)[0];
    const choice = yield* choose(options, takePending(), end, tokenizer, sampling);
    pending = [];
    filled.choices.push({
      name,
      offset: filled.text.length,
      chosen: options[choice.index]!,
      options,
      probabilities: choice.probabilities,
      mass: choice.mass,
    });
    filled.outputTokens += choice.tokens.length;
    add(options[choice.index]!, choice.tokens);
    return choice.index;
  }

  function* fillPart(part: SimplePart, next: string, prefix = "", taken?: Map<string, Set<number>>): Program<void> {
    if (part.kind === "free") yield* fillFree(part, part.distinct ? taken?.get(part.name) : undefined);
    else if (part.kind === "choice") yield* fillChoice(prefix + part.name, part.options, next);
    else addFixed(part.text);
  }

  function addFixed(text: string): void {
    const tokens = tokenizer.tokenize(text);
    filled.fixedTokens += tokens.length;
    add(text, tokens);
  }

  /** What follows the last part of an item, as far as it is known before the model decides about another item. */
  function afterItem(part: RepeatPart, item: number): string {
    const next = opening(part, item + 1);
    if (item === part.max) return part.close;
    if (item < part.min) return next;
    return tokenizer.tokenize(next)[0] === tokenizer.tokenize(part.close)[0] ? part.close : "";
  }

  function* fillRepeat(part: RepeatPart): Program<void> {
    const taken = new Map(part.parts.map((inner) => [inner.kind === "fixed" ? "" : inner.name, new Set<number>()]));
    addFixed(opening(part, 1));
    for (let item = 1; item <= part.max; item++) {
      for (const [index, inner] of part.parts.entries()) {
        const next = index + 1 < part.parts.length ? opensWith(part.parts[index + 1]) : afterItem(part, item);
        yield* fillPart(inner, next, `${part.name}-${item}-`, taken);
      }
      if (item === part.max) break;
      if (item >= part.min) {
        const more = yield* fillChoice(`${part.name}-more`, [opening(part, item + 1), part.close], "");
        if (more === 1) return;
      } else addFixed(opening(part, item + 1));
    }
    addFixed(part.close);
  }

  for (const [index, part] of form.parts.entries()) {
    if (part.kind === "repeat") yield* fillRepeat(part);
    else yield* fillPart(part, opensWith(form.parts[index + 1]));
  }
  return filled;
}

/** The opening of a repeat's item, numbered from 1. */
function opening(part: RepeatPart, item: number): string {
  return part.open.replaceAll("{i}", String(item));
}

/** The text a part certainly begins with; empty where the model writes it, or nothing follows. */
function opensWith(part: FormPart | undefined): string {
  if (part?.kind === "fixed") return part.text;
  return part?.kind === "repeat" ? opening(part, 1) : "";
}

/** Whether a token ends a free text: an end of generation, or a special token that stands for no text. */
function leavesText(token: number, tokenizer: Tokenizer, preceding: number[]): boolean {
  return tokenizer.isEndOfGeneration(token) || tokenizer.detokenize([token], preceding.slice(-8)) === "";
}

/** Whether a free text may begin with this token: it adds something visible and neither ends the answer nor stops. */
function opensText(token: number, part: FreePart, tokenizer: Tokenizer, preceding: number[]): boolean {
  if (tokenizer.isEndOfGeneration(token)) return false;
  const text = tokenizer.detokenize([token], preceding);
  const stopAt = findStop(text, part.stop);
  // A beginning of a stop text counts as one: a model that writes "\\" here is about to write its score.
  return text.slice(0, stopAt === -1 ? beforePartialStop(text, part.stop) : stopAt).trim() !== "";
}
