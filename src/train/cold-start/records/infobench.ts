import { z } from "zod";
import { queryFromText } from "../../../core/query.ts";
import { mean } from "../../../core/statistics/mean.ts";
import type { Pack } from "../../../prompts/pack.ts";
import { chooseCriteria, type RawCriterion } from "../choose-criteria.ts";
import { readQuestion } from "../wording/read-question.ts";
import { type WrittenEvaluation, writeExample } from "../write-answers.ts";
import { readRecords } from "./read-records.ts";
import { type RecordSource, skipped } from "./record-source.ts";
import { scoreOfShare, shareOfScore } from "./scale-score.ts";

const labels = ["Content", "Format", "Number", "Style", "Linguistic"] as const;
type Label = (typeof labels)[number];

const record = z
  .object({
    subset: z.string(),
    instruction: z.string().min(1),
    input: z.string(),
    decomposed_questions: z.array(z.string()),
    question_label: z.array(z.array(z.enum(labels)).min(1)),
    output: z.string(),
    eval: z.array(z.boolean()),
  })
  .refine((row) => [row.question_label, row.eval].every(({ length }) => length === row.decomposed_questions.length), {
    error: "expected a label and a verdict for each question",
  });
type Row = z.infer<typeof record>;

/** What is said of a criterion that is met, and of one that is not, by the kind of its question. */
const reasons: Record<Label, [met: string, missed: string]> = {
  Content: ["What was asked for is there.", "What was asked for is missing or wrong."],
  Format: ["It has the form asked for.", "It does not have the form asked for."],
  Number: ["The numbers are as asked for.", "The numbers are not as asked for."],
  Style: ["The style is as asked for.", "The style is not as asked for."],
  Linguistic: ["The language is as asked for.", "The language is not as asked for."],
};

/**
 * InfoBench: instructions taken apart into yes-or-no questions by experts, and one response each with a language model's
 * verdict on every question. Turns 1 and 2.
 *
 * * Only the hard set: the instructions of the easy set are those of AlpacaEval, which judges are measured on.
 * * Term: what a question asks about; description: the question as a statement (`readQuestion`). Order: the record's; the
 *   first question of each kind (content, format, number, style, language) comes into the list before others.
 * * Score of a criterion: yes is the highest of the scale, no is a fifth of the way up from the lowest (1 of 0 to 5).
 *   Reason: a sentence for each kind and verdict.
 * * Overall: the mean of the criteria's scores, stretched to the overall scale and rounded. Where it differs by more than
 *   a fifth of the scale from the same over all the record's questions, a question that matters is not in the list: turn 2
 *   is left out and only the criteria are learned.
 */
export const infobench: RecordSource = {
  name: "infobench",
  licence: "MIT",
  origin: "qinyiwei/InfoBench, verdicts of KimJungMin0320/InfoBench",
  files: ["infobench/GPT4_DecomposeEval.jsonl.gz"],
  teaches: "criteria and evaluation",
  async *convert(file, options) {
    for await (const { id, row } of readRecords(file, record, options)) {
      if (row.subset !== "Hard_set") {
        yield skipped(id, "easy set: instructions of AlpacaEval");
        continue;
      }
      const query = queryFromText(
        [row.instruction, row.input]
          .map((text) => text.trim())
          .filter(Boolean)
          .join("\n\n"),
      );
      const chosen = chooseCriteria(rawCriteria(row), query, options);
      const evaluation = chosen && evaluationOf(options.pack, row, chosen);
      const example =
        chosen && writeExample(options.pack, { id, source: "infobench", query, criteria: chosen.criteria, evaluation });
      yield example === undefined ? skipped(id, "too few criteria fit the pack") : { ok: true, example };
    }
  },
};

function rawCriteria({ decomposed_questions: questions, question_label: kinds }: Row): RawCriterion[] {
  return questions.map((question, index) => ({ ...readQuestion(question), kinds: kinds[index]! }));
}

function evaluationOf(
  pack: Pack,
  row: Row,
  { criteria, at }: { criteria: { term: string }[]; at: number[] },
): WrittenEvaluation | undefined {
  if (row.output.trim() === "") return undefined;
  const overall = overallScore(
    pack,
    at.map((index) => row.eval[index]!),
  );
  const ofAll = overallScore(pack, row.eval);
  const { min, max } = pack.overallScale;
  if (Math.abs(overall - ofAll) > (max - min) / 5) return undefined;
  const missed = criteria.filter((_, index) => !row.eval[at[index]!]).map(({ term }) => term);
  return {
    response: row.output,
    criteria: at.map((index) => ({
      score: criterionScore(pack, row.eval[index]!),
      rationale: reasons[row.question_label[index]![0]!][row.eval[index] ? 0 : 1],
    })),
    overall: { score: overall, rationale: overallReason(criteria.length, missed) },
  };
}

function overallReason(count: number, missed: string[]): string {
  if (missed.length === 0) return `All ${count} criteria are met.`;
  if (missed.length === count) return `None of the ${count} criteria is met.`;
  return `${count - missed.length} of ${count} criteria are met; ${missed[0]} falls short.`;
}

function criterionScore({ criterionScale }: Pack, verdict: boolean): number {
  return scoreOfShare(criterionScale, verdict ? 1 : 0.2);
}

function overallScore(pack: Pack, verdicts: boolean[]): number {
  const scores = verdicts.map((verdict) => criterionScore(pack, verdict));
  return scoreOfShare(pack.overallScale, shareOfScore(pack.criterionScale, mean(scores)!));
}
