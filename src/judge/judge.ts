import { InputError } from "../core/errors.ts";
import type { Query, Response } from "../core/query.ts";
import { CriteriaStage } from "./criteria-stage.ts";
import { EvaluationStage } from "./evaluation-stage.ts";
import { JudgeContext } from "./judge-context.ts";
import { type JudgeOptions, type JudgeSettings, resolveJudgeOptions } from "./judge-options.ts";
import type { CriteriaSample, JudgeInput, Judgment } from "./judgment.ts";
import { QuerySession } from "./query-session.ts";

/**
 * A judge is a prompt pack on an engine. It writes criteria for a query, evaluates responses by them, and makes rewards
 * of the evaluations (method: CE-RM, sections 2 and 3). All methods may be called concurrently.
 */
export class Judge {
  readonly settings: JudgeSettings;
  readonly #context: JudgeContext;
  readonly #criteria: CriteriaStage;
  readonly #evaluations: EvaluationStage;

  /** Throws `InputError` for settings that contradict each other. */
  constructor(options: JudgeOptions) {
    this.settings = resolveJudgeOptions(options);
    this.#context = new JudgeContext(this.settings);
    this.#criteria = new CriteriaStage(this.#context);
    this.#evaluations = new EvaluationStage(this.#context);
  }

  /**
   * Criteria for a query: as many samples as set. Mode per-response needs the response, and only that mode takes it; mode
   * implicit has none. Rejects with an `InputError` otherwise.
   */
  async criteria(query: Query, options: { response?: Response; signal?: AbortSignal } = {}): Promise<CriteriaSample[]> {
    const { mode } = this.settings;
    if (mode === "implicit") throw new InputError("mode implicit writes no criteria", { field: "mode" });
    if ((mode === "per-response") !== (options.response !== undefined))
      throw new InputError(`mode ${mode} ${mode === "unified" ? "takes no" : "needs a"} response`, {
        field: "response",
      });
    const samples = Array.from({ length: this.settings.criteriaSamples }, (_, sample) =>
      this.#criteria.sample(query, sample, options.response, options.signal),
    );
    return Promise.all(samples);
  }

  /**
   * Evaluates all responses of a query. What cannot be scored says why; rejects only when `signal` aborts or on a bug.
   */
  async judge(input: JudgeInput, options: { signal?: AbortSignal } = {}): Promise<Judgment> {
    const startedAt = this.settings.now();
    const session = this.startQuery(input, options.signal);
    const { criteriaSamples, evaluations } = this.settings;
    const pairs = Array.from({ length: criteriaSamples * evaluations }, (_, index) => ({
      criteriaSample: Math.floor(index / evaluations),
      evaluationSample: index % evaluations,
    }));
    const votes = await Promise.all(
      input.responses.map((response) =>
        Promise.all(pairs.map((pair) => session.vote(response, pair.criteriaSample, pair.evaluationSample))),
      ),
    );
    return session.judgment(votes, startedAt);
  }

  /**
   * Judges a stream of inputs, many at once, in the order of the input. As many requests are kept in flight as the
   * engine has use for; memory does not grow with the number of inputs.
   */
  judgeAll(
    inputs: AsyncIterable<JudgeInput> | Iterable<JudgeInput>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<Judgment> {
    return this.runAll(inputs, (input, signal) => this.judge(input, { signal }), options);
  }

  /** Runs any per-input work of this judge with the scheduling of `judgeAll`. */
  runAll<T, R>(
    inputs: AsyncIterable<T> | Iterable<T>,
    work: (input: T, signal: AbortSignal) => Promise<R>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<R> {
    return this.#context.runAll(inputs, work, options);
  }

  /** The criteria and votes of one query, asked for one by one. Criteria are made when the first vote needs them. */
  startQuery(input: JudgeInput, signal?: AbortSignal): QuerySession {
    return new QuerySession(this.#context, this.#criteria, this.#evaluations, input, signal);
  }
}
