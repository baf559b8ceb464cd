import type { Criteria, Criterion } from "../../core/criteria.ts";
import type { Query } from "../../core/query.ts";
import { formTerm, scoreTexts } from "../../prompts/forms.ts";
import { givenCriteria } from "../../prompts/given-criteria.ts";
import { normaliseTerm } from "../../prompts/normalise-term.ts";
import type { Pack } from "../../prompts/pack.ts";
import { parseCriteria } from "../../prompts/parse-criteria.ts";
import { parseEvaluation } from "../../prompts/parse-evaluation.ts";
import { renderCriteria, renderEvaluation } from "../../prompts/render.ts";
import type { ColdStartExample } from "./cold-start-example.ts";

/** One score and its reason, of a criterion or of the whole. */
export interface WrittenScore {
  score: number;
  rationale: string;
}

export interface WrittenEvaluation {
  response: string;
  /** In the order of the criteria. */
  criteria: WrittenScore[];
  overall: WrittenScore;
}

export interface WrittenExample {
  id: string;
  source: string;
  query: Query;
  criteria: Criterion[];
  evaluation?: WrittenEvaluation;
  /** Default: every turn there is. */
  train?: number[];
}

/**
 * Writes an example out in a pack's own prompts and in the shape that the pack asks for, and reads it back with the
 * pack's own parsers. Undefined where that gives other criteria or scores: such a text would teach the judge to be
 * misread.
 */
export function writeExample(pack: Pack, written: WrittenExample): ColdStartExample | undefined {
  const { id, source, query, evaluation } = written;
  const turn1 = renderCriteria(pack, query);
  const criteria = givenCriteria(pack, written.criteria);
  if (!readsBack(pack, criteria)) return undefined;
  const assistant = (content: string) => ({ role: "assistant" as const, content });
  if (evaluation === undefined)
    return {
      id,
      source,
      query: query.messages,
      messages: [...turn1, assistant(criteria.text)],
      train: written.train ?? [1],
    };
  const text = evaluationText(pack, criteria, evaluation);
  const read = parseEvaluation(pack, { text, finishReason: "stop", criteria, response: evaluation.response });
  const scores = read.ok ? [...read.evaluation.criterionScores.map(({ score }) => score), read.evaluation.overall] : [];
  const wanted = [...evaluation.criteria, evaluation.overall].map(({ score }) => score);
  if (scores.length !== wanted.length || scores.some((score, index) => score !== wanted[index])) return undefined;
  const messages = [...renderEvaluation(pack, turn1, criteria, { text: evaluation.response }), assistant(text)];
  const { response } = evaluation;
  const train = written.train ?? [1, 2];
  return { id, source, messages, train, overall: evaluation.overall.score, query: query.messages, response };
}

function readsBack(pack: Pack, criteria: Criteria): boolean {
  const read = parseCriteria(pack, criteria.text, "stop");
  const terms = (items: Criterion[]) => items.map(({ term }) => normaliseTerm(term)).join("\n");
  return read.ok && terms(read.criteria.items) === terms(criteria.items);
}

/** The pack's shape of turn 2 (see `evaluationForm`): a line for each criterion, then the overall line. */
function evaluationText(pack: Pack, criteria: Criteria, evaluation: WrittenEvaluation): string {
  const box = ({ score, rationale }: WrittenScore, scale: Pack["overallScale"]) => {
    const text = scoreTexts(scale).find((one) => Number(one) === score);
    if (text === undefined) throw new Error(`${score} is not on the pack's scale`);
    return `${rationale} \\boxed{${text}}`;
  };
  const lines = criteria.items.map(
    ({ term }, index) => `${index + 1}. ${formTerm(term)}: ${box(evaluation.criteria[index]!, pack.criterionScale)}`,
  );
  return [...lines, `${pack.headings.overall}: ${box(evaluation.overall, pack.overallScale)}`].join("\n");
}
