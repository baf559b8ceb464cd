import type { Criteria } from "../core/criteria.ts";
import type { Form } from "../core/form.ts";
import { stableHash } from "../core/hash.ts";
import type { Message } from "../core/message.ts";
import type { Query, Response } from "../core/query.ts";
import { deriveSeed } from "../core/random.ts";
import type { Generation } from "../engines/engine.ts";
import { evaluationForm, implicitForm } from "../prompts/forms.ts";
import { parseEvaluation } from "../prompts/parse-evaluation.ts";
import { renderEvaluation, renderImplicit } from "../prompts/render.ts";
import { readAnswer, type StoredAnswer } from "./cached-generation.ts";
import { costOf, noCost } from "./cost.ts";
import type { JudgeContext } from "./judge-context.ts";
import type { Cost, Vote } from "./judgment.ts";
import { expectedScore, scoreDistribution } from "./score-distribution.ts";
import { SingleFlight } from "./single-flight.ts";

/** What all evaluations by one list of criteria share. Made once: it is a good part of the work of an evaluation. */
export interface EvaluationBasis {
  query: Query;
  /** Conversation of turn 1 and the criteria it gave; absent in mode implicit. */
  turn1?: Message[];
  criteria?: Criteria;
  /** Hash of all of this. */
  key: string;
  affinity: string;
  form: Form | undefined;
}

/** One evaluation of one response. */
export interface EvaluationTask {
  basis: EvaluationBasis;
  response: Response;
  criteriaSample: number;
  evaluationSample: number;
}

/** Turn 2: evaluates one response, by criteria where there are any. */
export class EvaluationStage {
  readonly #context: JudgeContext;
  readonly #flights = new SingleFlight<Vote>();

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  /** What evaluations by these criteria share; without criteria (mode implicit), what all of a query share. */
  basis(query: Query, affinity: string, by?: { turn1: Message[]; criteria: Criteria }): EvaluationBasis {
    const { pack, engine } = this.#context.settings;
    const key = stableHash({ query: affinity, turn1: by?.turn1, criteria: by?.criteria.text });
    const makeForm = () => (by === undefined ? implicitForm(pack) : evaluationForm(pack, by.criteria));
    return { query, ...by, key, affinity, form: engine.capabilities.forms === "none" ? undefined : makeForm() };
  }

  /** One vote. Equal tasks that run at the same time are done once. */
  async vote(task: EvaluationTask, signal: AbortSignal | undefined): Promise<Vote> {
    const { criteriaSample, evaluationSample } = task;
    const seed = deriveSeed(this.#context.settings.seed, 2, criteriaSample, evaluationSample);
    const key = this.#context.key({
      turn: "evaluation",
      seed,
      logprobs: this.#wantsLogprobs,
      basis: task.basis.key,
      response: task.response.text,
    });
    const { value, first } = await this.#flights.run(key, (flight) => this.#make(key, seed, task, flight), signal);
    return { ...value, criteriaSample, evaluationSample, cost: costOf(value.cost, first) };
  }

  get #wantsLogprobs(): boolean {
    return this.#context.settings.score === "expected";
  }

  async #make(key: string, seed: number, task: EvaluationTask, signal: AbortSignal): Promise<Vote> {
    const { store, pack, maxTokens } = this.#context.settings;
    const stored = await readAnswer(store, "evaluations", key);
    if (stored !== undefined) return this.#read(task, stored, { ...noCost, fromStore: true });
    const { response, basis } = task;
    const { query, turn1, criteria } = basis;
    const generation = await this.#context.generate(
      {
        messages:
          turn1 === undefined || criteria === undefined
            ? renderImplicit(pack, query, response)
            : renderEvaluation(pack, turn1, criteria, response),
        maxTokens: maxTokens.evaluation,
        seed,
        form: basis.form,
        logprobs: this.#wantsLogprobs || undefined,
        affinity: basis.affinity,
      },
      signal,
    );
    if ("kind" in generation) return { ...generation, ...numberless, cost: noCost };
    const { text, finishReason, usage, milliseconds } = generation;
    const choices = generation.choices?.map(({ offset }) => ({ offset }));
    const answer: StoredAnswer = { text, finishReason, usage, milliseconds, choices };
    answer.distribution = this.#distribution(task, generation);
    await store?.put("evaluations", key, answer);
    return this.#read(task, answer, { usage, milliseconds, fromStore: false });
  }

  #parse(task: EvaluationTask, answer: Pick<StoredAnswer, "text" | "finishReason" | "choices">) {
    const { text, finishReason, choices } = answer;
    return parseEvaluation(this.#context.settings.pack, {
      text,
      finishReason,
      criteria: task.basis.criteria,
      response: task.response.text,
      choices,
    });
  }

  #distribution(task: EvaluationTask, generation: Generation) {
    if (generation.choices === undefined && generation.tokens === undefined) return undefined;
    const parsed = this.#parse(task, generation);
    if (!parsed.ok) return undefined;
    return scoreDistribution(generation, parsed.overallSpan, this.#context.settings.pack.overallScale);
  }

  #read(task: EvaluationTask, answer: StoredAnswer, cost: Cost): Vote {
    const parsed = this.#parse(task, answer);
    if (!parsed.ok)
      return { kind: "unscored", reason: parsed.reason, detail: parsed.detail, text: answer.text, ...numberless, cost };
    const { distribution } = answer;
    const { evaluation } = parsed;
    const expected = distribution === undefined ? undefined : expectedScore(distribution);
    if (this.#wantsLogprobs && expected === undefined) {
      const detail =
        "the answer came without log-probabilities at its score, which expected scores are made of; use --score hard, or --no-guided where the server writes forms as JSON";
      return { kind: "unscored", reason: "engine-error", detail, text: answer.text, ...numberless, cost };
    }
    const value = this.#wantsLogprobs ? expected! : evaluation.overall;
    return { kind: "scored", value, hard: evaluation.overall, expected, distribution, evaluation, ...numberless, cost };
  }
}

/** Sample numbers are put in by `vote`: a shared answer may stand for several. */
const numberless = { criteriaSample: 0, evaluationSample: 0 };
