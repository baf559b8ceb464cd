import type { Response } from "../core/query.ts";
import { addUsage, noUsage } from "../core/usage.ts";
import { combineVotes } from "./combine-votes.ts";
import { noCost } from "./cost.ts";
import type { CriteriaStage } from "./criteria-stage.ts";
import type { EvaluationBasis, EvaluationStage } from "./evaluation-stage.ts";
import { type JudgeContext, queryKey } from "./judge-context.ts";
import type { CriteriaSample, JudgeInput, Judgment, ResponseJudgment, Vote } from "./judgment.ts";
import { rankRewards } from "./rank-responses.ts";

/** A list of criteria, and what evaluations by it share. */
interface Ground {
  sample?: CriteriaSample;
  basis?: EvaluationBasis;
}

/** One query under evaluation: its votes, asked for one by one. Criteria are made when the first vote needs them. */
export class QuerySession {
  readonly input: JudgeInput;
  readonly #context: JudgeContext;
  readonly #criteria: CriteriaStage;
  readonly #evaluations: EvaluationStage;
  readonly #signal: AbortSignal | undefined;
  readonly #affinity: string;
  readonly #grounds = new Map<string, Promise<Ground>>();

  constructor(
    context: JudgeContext,
    criteria: CriteriaStage,
    evaluations: EvaluationStage,
    input: JudgeInput,
    signal: AbortSignal | undefined,
  ) {
    this.input = input;
    this.#context = context;
    this.#criteria = criteria;
    this.#evaluations = evaluations;
    this.#signal = signal;
    this.#affinity = queryKey(input.query);
  }

  /** One evaluation of one response. */
  vote(response: Response, criteriaSample: number, evaluationSample: number): Promise<Vote> {
    return this.#context.gate.runVote(async () => {
      const { sample, basis } = await this.#ground(criteriaSample, response);
      if (basis !== undefined)
        return this.#evaluations.vote({ basis, response, criteriaSample, evaluationSample }, this.#signal);
      const { reason, detail } = sample as CriteriaSample & { kind: "unscored" };
      return {
        kind: "unscored",
        reason,
        detail: `criteria: ${detail}`,
        ...{ criteriaSample, evaluationSample, cost: noCost },
      };
    });
  }

  /** The result, from the votes of every response in the order of the input. */
  async judgment(votes: Vote[][], startedAt: number): Promise<Judgment> {
    const { pack, mode, engine, now } = this.#context.settings;
    const rewards = votes.map((ofResponse) => combineVotes(ofResponse, pack.overallScale));
    const ranks = rankRewards(rewards);
    const responses = this.input.responses.map(
      ({ id }, index): ResponseJudgment => ({ id, reward: rewards[index]!, rank: ranks[index]!, votes: votes[index]! }),
    );
    const grounds = await Promise.all(this.#grounds.values());
    const criteria = grounds.flatMap(({ sample }) => (sample === undefined ? [] : [sample]));
    return {
      id: this.input.id,
      mode,
      criteria,
      responses,
      usage: [...criteria, ...votes.flat()].reduce((sum, { cost }) => addUsage(sum, cost.usage), noUsage),
      milliseconds: now() - startedAt,
      model: engine.identity,
      pack: pack.identity,
    };
  }

  #ground(sample: number, response: Response): Promise<Ground> {
    const { mode } = this.#context.settings;
    const given = this.input.criteria;
    const seen = mode === "per-response" && given === undefined ? response : undefined;
    // Given criteria are one list, whatever the number of samples: the votes differ by their evaluations.
    const key = mode === "implicit" ? "none" : given !== undefined ? "given" : `${sample} ${seen?.id ?? ""}`;
    const known = this.#grounds.get(key);
    if (known !== undefined) return known;
    const made = this.#makeGround(sample, seen);
    this.#grounds.set(key, made);
    return made;
  }

  async #makeGround(number: number, seen: Response | undefined): Promise<Ground> {
    const { query, criteria: given } = this.input;
    if (this.#context.settings.mode === "implicit") return { basis: this.#evaluations.basis(query, this.#affinity) };
    const sample: CriteriaSample =
      given === undefined
        ? await this.#criteria.sample(query, number, seen, this.#signal)
        : { kind: "criteria", sample: number, criteria: given, cost: noCost };
    if (sample.kind === "unscored") return { sample };
    const { criteria } = sample;
    const turn1 = this.#criteria.messages(query, seen);
    return { sample, basis: this.#evaluations.basis(query, this.#affinity, { turn1, criteria }) };
  }
}
