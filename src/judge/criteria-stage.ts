import type { Message } from "../core/message.ts";
import type { Query, Response } from "../core/query.ts";
import { deriveSeed } from "../core/random.ts";
import { criteriaForm } from "../prompts/forms.ts";
import { parseCriteria } from "../prompts/parse-criteria.ts";
import { renderCriteria, renderPerResponseCriteria } from "../prompts/render.ts";
import { readAnswer, type StoredAnswer } from "./cached-generation.ts";
import { costOf, noCost } from "./cost.ts";
import { type JudgeContext, queryKey } from "./judge-context.ts";
import type { CriteriaSample } from "./judgment.ts";
import { SingleFlight } from "./single-flight.ts";

/** Turn 1: criteria for a query (or for a query and one response), each sample made once however many ask for it. */
export class CriteriaStage {
  readonly #context: JudgeContext;
  readonly #flights = new SingleFlight<CriteriaSample>();

  constructor(context: JudgeContext) {
    this.#context = context;
  }

  /** The conversation of turn 1. */
  messages(query: Query, response: Response | undefined): Message[] {
    const { pack } = this.#context.settings;
    return response === undefined ? renderCriteria(pack, query) : renderPerResponseCriteria(pack, query, response);
  }

  /** One sample of criteria. `response` in mode per-response only. */
  sample(
    query: Query,
    sample: number,
    response: Response | undefined,
    signal: AbortSignal | undefined,
  ): Promise<CriteriaSample> {
    const seed = deriveSeed(this.#context.settings.seed, 1, sample);
    const key = this.#context.key({ turn: "criteria", seed, query: query.messages, response: response?.text });
    return this.#flights
      .run(key, (flightSignal) => this.#make(key, seed, query, response, flightSignal), signal)
      .then(({ value, first }) => ({ ...value, sample, responseId: response?.id, cost: costOf(value.cost, first) }));
  }

  async #make(
    key: string,
    seed: number,
    query: Query,
    response: Response | undefined,
    signal: AbortSignal,
  ): Promise<CriteriaSample> {
    const { store, pack, engine, maxTokens } = this.#context.settings;
    const stored = await readAnswer(store, "criteria", key);
    if (stored !== undefined) return this.#read(stored, { ...noCost, fromStore: true });
    const generation = await this.#context.generate(
      {
        messages: this.messages(query, response),
        maxTokens: maxTokens.criteria,
        seed,
        form: engine.capabilities.forms === "none" ? undefined : criteriaForm(pack),
        affinity: queryKey(query),
      },
      signal,
    );
    if ("kind" in generation) return { ...generation, sample: 0, cost: noCost };
    const { text, finishReason, usage, milliseconds } = generation;
    const answer: StoredAnswer = { text, finishReason, usage, milliseconds };
    await store?.put("criteria", key, answer);
    return this.#read(answer, { usage, milliseconds, fromStore: false });
  }

  #read(answer: StoredAnswer, cost: CriteriaSample["cost"]): CriteriaSample {
    const parsed = parseCriteria(this.#context.settings.pack, answer.text, answer.finishReason);
    if (parsed.ok) return { kind: "criteria", sample: 0, criteria: parsed.criteria, cost };
    return { kind: "unscored", sample: 0, reason: parsed.reason, detail: parsed.detail, text: answer.text, cost };
  }
}
