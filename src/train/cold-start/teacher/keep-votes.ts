import type { PreferencePair } from "../../../core/preference-pair.ts";
import type { Judgment, Vote } from "../../../judge/judgment.ts";
import type { Pack } from "../../../prompts/pack.ts";
import { renderCriteria, renderEvaluation } from "../../../prompts/render.ts";
import { maskThinking } from "../../../prompts/thinking.ts";
import type { ColdStartExample } from "../cold-start-example.ts";
import type { PairYields } from "../yields.ts";

/** What is kept of a teacher's judgment of one pair. */
export interface KeptVotes extends PairYields {
  /** Two examples for each list of criteria that is kept: the better response's evaluation, and the worse one's. */
  examples: ColdStartExample[];
}

export interface KeepOptions {
  pack: Pack;
  /** Name of the teacher, as the examples' source. */
  source: string;
  /** Most lists of criteria that are kept of a pair. */
  perPair: number;
}

/**
 * Rejection sampling: of a judgment of a pair's two responses (the better one first), the lists of criteria by which it
 * is ranked right, each with one evaluation of either response. Lists are kept by their share of right rankings, the
 * earlier of equals first; of the evaluations that rank the pair right, those with the widest margin. The criteria are
 * taught once, with the better response; with the worse one, only its evaluation.
 */
export function keepVotes(pair: PreferencePair, judgment: Judgment, options: KeepOptions): KeptVotes {
  const { pack, source, perPair } = options;
  const [better, worse] = judgment.responses.map(({ votes }) => votes) as [Vote[], Vote[]];
  const rankings = { made: 0, right: 0 };
  const turn1 = renderCriteria(pack, { messages: pair.messages });
  const lists = judgment.criteria.flatMap((sample) => {
    if (sample.kind !== "criteria") return [];
    const scored = (votes: Vote[]) =>
      votes.flatMap((vote) => (vote.kind === "scored" && vote.criteriaSample === sample.sample ? [vote] : []));
    const all = scored(better).flatMap((plus) => scored(worse).map((minus) => ({ plus, minus })));
    const right = all.filter(({ plus, minus }) => plus.hard > minus.hard);
    rankings.made += all.length;
    rankings.right += right.length;
    if (right.length === 0) return [];
    const margin = ({ plus, minus }: (typeof right)[number]) => plus.hard - minus.hard;
    const widest = right.reduce((best, one) => (margin(one) > margin(best) ? one : best));
    return [{ sample, share: right.length / all.length, ...widest }];
  });
  const kept = lists.sort((a, b) => b.share - a.share).slice(0, perPair);
  const examples = kept.flatMap(({ sample, plus, minus }) =>
    [
      { part: "chosen", vote: plus, text: pair.chosen, train: [1, 2] },
      { part: "rejected", vote: minus, text: pair.rejected, train: [2] },
    ].map(({ part, vote, text, train }): ColdStartExample => {
      const messages = renderEvaluation(pack, turn1, sample.criteria, { text });
      const answer = { role: "assistant" as const, content: withoutThinking(vote.evaluation.text) };
      const id = `${pair.id}/${sample.sample}/${part}`;
      return {
        id,
        source,
        train,
        overall: vote.hard,
        query: pair.messages,
        response: text,
        messages: [...messages, answer],
      };
    }),
  );
  const evaluations = [...better, ...worse];
  return {
    examples,
    criteria: {
      asked: judgment.criteria.length,
      read: judgment.criteria.filter(({ kind }) => kind === "criteria").length,
    },
    evaluations: { asked: evaluations.length, scored: evaluations.filter(({ kind }) => kind === "scored").length },
    rankings,
    usage: judgment.usage,
  };
}

function withoutThinking(text: string): string {
  return text.slice(maskThinking(text).answerStart).trim();
}
