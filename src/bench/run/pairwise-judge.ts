import { InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import type { Query, Response } from "../../core/query.ts";
import { deriveSeed } from "../../core/random.ts";
import { readAnswer, type StoredAnswer } from "../../judge/cached-generation.ts";
import { costOf, noCost } from "../../judge/cost.ts";
import { JudgeContext, queryKey } from "../../judge/judge-context.ts";
import type { JudgeOptions, JudgeSettings } from "../../judge/judge-options.ts";
import type { Cost } from "../../judge/judgment.ts";
import { SingleFlight } from "../../judge/single-flight.ts";
import { checkTemplate } from "../../prompts/check-templates.ts";
import { pairwiseForm } from "../../prompts/forms.ts";
import { parseVerdict } from "../../prompts/parse-verdict.ts";
import { renderPairwise } from "../../prompts/render.ts";
import type { Verdict } from "../../prompts/verdicts.ts";

/** What the judge said of two responses in one order: `"A"` is the one shown first. */
export type OrderVerdict = { cost: Cost; text: string | null } & (
  | { verdict: Verdict }
  | { verdict: null; reason: string; detail: string }
);

/**
 * The baseline that pointwise judging is measured against: a judge that sees two responses at once and names the better
 * one. The limit of its answer is that of an evaluation.
 */
export class PairwiseJudge {
  readonly settings: JudgeSettings;
  readonly #context: JudgeContext;
  readonly #flights = new SingleFlight<OrderVerdict>();
  /** The template may be a borrowed one, which the pack's identity does not cover. */
  readonly #template: string;

  /** Throws `InputError` for a pack that the borrowed template does not fit, and as `checkPairwiseOptions` does. */
  constructor(settings: JudgeSettings) {
    checkPairwiseOptions(settings);
    checkTemplate(settings.pack, "pairwise");
    this.settings = settings;
    this.#context = new JudgeContext(settings);
    this.#template = pairwiseTemplateHash(settings.pack);
  }

  /** Asks about two responses in one order. Rejects only when `signal` aborts or on a bug. */
  async compare(query: Query, first: Response, second: Response, signal?: AbortSignal): Promise<OrderVerdict> {
    const seed = deriveSeed(this.settings.seed, 3);
    const key = this.#context.key({
      turn: "evaluation",
      seed,
      pairwise: this.#template,
      query: query.messages,
      responses: [first.text, second.text],
    });
    const made = await this.#flights.run(
      key,
      (flight) => this.#make(key, seed, query, [first, second], flight),
      signal,
    );
    return { ...made.value, cost: costOf(made.value.cost, made.first) };
  }

  /** Runs work on a stream of inputs, many at once, in order, as `Judge.runAll` does. */
  runAll<T, R>(
    inputs: AsyncIterable<T> | Iterable<T>,
    work: (input: T, signal: AbortSignal) => Promise<R>,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<R> {
    return this.#context.runAll(inputs, work, options);
  }

  async #make(
    key: string,
    seed: number,
    query: Query,
    [first, second]: [Response, Response],
    signal: AbortSignal,
  ): Promise<OrderVerdict> {
    const { store, pack, maxTokens } = this.settings;
    const shown = [...query.messages.map(({ content }) => content), first.text, second.text];
    const stored = await readAnswer(store, "evaluations", key);
    if (stored !== undefined) return readVerdict(stored, shown, { ...noCost, fromStore: true });
    const request = {
      messages: renderPairwise(pack, query, first, second),
      maxTokens: maxTokens.evaluation,
      seed,
      form: pairwiseForm(pack),
      affinity: queryKey(query),
    };
    const generation = await this.#context.generate(request, signal);
    if ("kind" in generation) {
      const { reason, detail } = generation;
      return { verdict: null, reason, detail, text: null, cost: noCost };
    }
    const { text, finishReason, usage, milliseconds } = generation;
    const choices = generation.choices?.map(({ offset }) => ({ offset }));
    const answer: StoredAnswer = { text, finishReason, usage, milliseconds, choices };
    await store?.put("evaluations", key, answer);
    return readVerdict(answer, shown, { usage, milliseconds, fromStore: false });
  }
}

/** Refuses votes and expected scores (`InputError`), which mode pairwise does not have. */
export function checkPairwiseOptions(options: Pick<JudgeOptions, "criteriaSamples" | "evaluations" | "score">): void {
  const { criteriaSamples = 1, evaluations = 1, score = "hard" } = options;
  if (criteriaSamples > 1)
    throw new InputError("mode pairwise writes no criteria: leave it out", { field: "criteria-samples" });
  if (evaluations > 1)
    throw new InputError("mode pairwise asks for one verdict in each order: leave it out", { field: "evaluations" });
  if (score !== "hard")
    throw new InputError("mode pairwise gives verdicts and no scores: leave it out", { field: "score" });
}

/** What the pairwise template adds to a pack's identity. */
export function pairwiseTemplateHash({ templates }: JudgeSettings["pack"]): string {
  return stableHash(templates.pairwise.source).slice(0, 12);
}

function readVerdict(answer: StoredAnswer, shown: string[], cost: Cost): OrderVerdict {
  const { text, finishReason, choices } = answer;
  const parsed = parseVerdict({ text, finishReason, choices, shown });
  if (parsed.ok) return { verdict: parsed.verdict, text, cost };
  return { verdict: null, reason: parsed.reason, detail: parsed.detail, text, cost };
}
