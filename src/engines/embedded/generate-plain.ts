import type { TokenLogprob } from "../engine.ts";
import { findStop } from "../find-stop.ts";
import { TokenTextDecoder } from "../text-decoder.ts";
import { LookupDraft } from "./lookup-draft.ts";
import type { Program, SampledToken, Tokenizer } from "./step.ts";

export interface PlainAnswer {
  text: string;
  finishReason: "stop" | "length";
  outputTokens: number;
  tokens?: TokenLogprob[];
}

/** Samples until the model ends its turn, a stop text appears (not kept) or `maxTokens` are there. */
export function* generatePlain(
  prompt: number[],
  tokenizer: Tokenizer,
  options: { maxTokens: number; stop: string[]; logprobs?: number; lookup?: { pattern: number; length: number } },
): Program<PlainAnswer> {
  const decoder = new TokenTextDecoder(tokenizer, prompt);
  const kept: SampledToken[] = [];
  const draft = options.lookup === undefined ? undefined : new LookupDraft(prompt, options.lookup);
  const longestStop = Math.max(0, ...options.stop.map((stop) => stop.length));
  const answer = (text: string, finishReason: PlainAnswer["finishReason"]): PlainAnswer => ({
    text,
    finishReason,
    outputTokens: kept.length,
    tokens: options.logprobs === undefined ? undefined : describeTokens(kept, decoder, tokenizer, text.length),
  });

  let feed = prompt;
  let guessed: number[] = [];
  let erase = 0;
  for (;;) {
    const result = yield {
      erase,
      feed: [...feed, ...guessed],
      want: { kind: "sample", from: feed.length - 1, logprobs: options.logprobs },
    };
    let accepted = 0;
    for (const [index, sampled] of result.sampled.entries()) {
      if (tokenizer.isEndOfGeneration(sampled.token)) return answer(decoder.text, "stop");
      const before = decoder.text.length;
      decoder.push(sampled.token);
      kept.push(sampled);
      draft?.push([sampled.token]);
      const stopAt = findStop(decoder.text, options.stop, Math.max(0, before - longestStop));
      if (stopAt !== -1) return answer(decoder.text.slice(0, stopAt), "stop");
      if (kept.length >= options.maxTokens) return answer(decoder.text, "length");
      if (guessed[index] !== sampled.token) break;
      accepted++;
    }
    erase = guessed.length - accepted;
    feed = [kept.at(-1)!.token];
    guessed = draft?.draft().slice(0, Math.max(0, options.maxTokens - kept.length - 1)) ?? [];
  }
}

function describeTokens(
  kept: SampledToken[],
  decoder: TokenTextDecoder,
  tokenizer: Tokenizer,
  textLength: number,
): TokenLogprob[] {
  const described: TokenLogprob[] = [];
  for (const [index, sampled] of kept.entries()) {
    const start = index === 0 ? 0 : decoder.ends[index - 1]!;
    if (start >= textLength) break;
    const preceding = decoder.tokens.slice(Math.max(0, index - 8), index);
    described.push({
      id: sampled.token,
      text: decoder.text.slice(start, Math.min(decoder.ends[index]!, textLength)),
      logprob: sampled.logprob!,
      top: sampled.top?.map(({ token, logprob }) => ({
        id: token,
        text: tokenizer.detokenize([token], preceding),
        logprob,
      })),
    });
  }
  return described;
}
