import { z } from "zod";
import type { Criterion } from "../../../core/criteria.ts";
import { queryFromText } from "../../../core/query.ts";
import { mean } from "../../../core/statistics/mean.ts";
import type { Pack } from "../../../prompts/pack.ts";
import { type WrittenEvaluation, type WrittenScore, writeExample } from "../write-answers.ts";
import { readRecords } from "./read-records.ts";
import { type RecordSource, skipped } from "./record-source.ts";
import { scoreOfShare } from "./scale-score.ts";

const spanError = z.object({
  "error type": z.enum(["Irrelevant", "Redundant", "Incoherent", "Wrong-Grounding", "Unverifiable"]),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
});
const missing = z.object({
  "error type": z.enum(["Missing-Answer", "Missing-Major-Auxiliary", "Missing-Minor-Auxiliary"]),
});
const record = z.object({
  question: z.string().min(1),
  passages: z.array(z.array(z.string()).min(1)),
  "prediction 1": z.string().min(1),
  feedback: z.object({
    errors: z.array(spanError),
    "missing-info": z.array(missing),
    "corrected-prediction": z.string().nullish(),
  }),
});
type Row = z.infer<typeof record>;
type SpanError = z.infer<typeof spanError>;

/** The three sides of an answer that its errors are sorted into, as criteria; the most important first. */
const criteria: Criterion[] = [
  { term: "Completeness", description: "Gives every answer that the question asks for" },
  { term: "Support", description: "Says only what the passages say" },
  { term: "Relevance", description: "Keeps to the question and says things once" },
];

/**
 * QA-Feedback (fine-grained RLHF): questions with passages, an answer of a language model, and the errors that people
 * marked in it, with spans; and the answer as they corrected it. Turn 2 only: the criteria, one for each side of the
 * answer that the error types belong to, are the same for all questions, so there is nothing to learn in turn 1.
 *
 * * Scores are shares of a scale, rounded. Completeness: 1 less 0.6 for each missing answer, 0.3 for each missing major and
 *   0.1 for each missing minor addition. Support: 1 less the share of the answer's characters in spans that contradict the
 *   passages or are not in them, and at most 0.6 with one such span, 0.2 with two, 0 with more. Relevance: 1 less the share
 *   of characters in irrelevant, redundant and incoherent spans. None falls below 0.
 * * Reason: the first words of the longest span of that side and what is wrong with it; for completeness the gravest kind.
 * * Overall: the mean of the three shares. The corrected answer, which has no errors left, has the highest scores.
 */
export const qaFeedback: RecordSource = {
  name: "qa-feedback",
  licence: "Apache-2.0",
  origin: "allenai/FineGrainedRLHF (tasks/qa_feedback)",
  files: ["qa-feedback/dev_feedback.json.gz"],
  teaches: "evaluation",
  async *convert(file, { pack, signal }) {
    for await (const { id, row } of readRecords(file, record, { signal })) {
      const answer = row["prediction 1"];
      const corrected = row.feedback["corrected-prediction"]?.trim() ?? "";
      const query = queryFromText(queryText(row));
      for (const [part, evaluation] of [
        ["answer", evaluate(pack, answer, row.feedback.errors, row.feedback["missing-info"])] as const,
        [
          "corrected",
          corrected === "" || corrected === answer ? undefined : evaluate(pack, corrected, [], []),
        ] as const,
      ]) {
        if (evaluation === undefined) continue;
        const own = `${id}/${part}`;
        const example = writeExample(pack, {
          ...{ id: own, source: "qa-feedback", query, criteria, evaluation, train: [2] },
        });
        yield example === undefined ? skipped(own, "the pack's parser reads it otherwise") : { ok: true, example };
      }
    }
  },
};

function queryText({ question, passages }: Row): string {
  const texts = passages.map(([title, ...sentences]) => {
    const text = sentences.join(" ");
    return `${title}\n${text.startsWith(`${title}\n`) ? text.slice(title!.length).trim() : text}`;
  });
  return [question, "Answer from these passages:", ...texts].join("\n\n");
}

function evaluate(
  pack: Pack,
  response: string,
  errors: readonly SpanError[],
  missingInfo: readonly z.infer<typeof missing>[],
): WrittenEvaluation {
  const count = (kind: string) => missingInfo.filter((one) => one["error type"] === kind).length;
  const [answers, major, minor] = [
    count("Missing-Answer"),
    count("Missing-Major-Auxiliary"),
    count("Missing-Minor-Auxiliary"),
  ];
  const unsupported = errors.filter((one) => unsupportedReasons[one["error type"]] !== undefined);
  const irrelevant = errors.filter((one) => irrelevantReasons[one["error type"]] !== undefined);
  const shares = [
    1 - 0.6 * answers - 0.3 * major - 0.1 * minor,
    Math.min([1, 0.6, 0.2][unsupported.length] ?? 0, 1 - coveredShare(response, unsupported)),
    1 - coveredShare(response, irrelevant),
  ].map((share) => Math.max(0, share));
  const score = (share: number) => scoreOfShare(pack.criterionScale, share);
  const missingReason =
    answers > 0
      ? "An answer that was asked for is missing."
      : major > 0
        ? "Important detail is missing."
        : minor > 0
          ? "Some useful detail is missing."
          : "Nothing that was asked for is missing.";
  const scores: WrittenScore[] = [
    { score: score(shares[0]!), rationale: missingReason },
    {
      score: score(shares[1]!),
      rationale: spanReason(response, unsupported, unsupportedReasons) ?? "The passages say all of it.",
    },
    {
      score: score(shares[2]!),
      rationale: spanReason(response, irrelevant, irrelevantReasons) ?? "All of it is about the question.",
    },
  ];
  const overall = scoreOfShare(pack.overallScale, mean(shares)!);
  return { response, criteria: scores, overall: { score: overall, rationale: overallReason(shares) } };
}

type Reasons = Partial<Record<SpanError["error type"], string>>;
const unsupportedReasons: Reasons = {
  "Wrong-Grounding": "contradicts the passages",
  Unverifiable: "is not in the passages",
};
const irrelevantReasons: Reasons = {
  Irrelevant: "is beside the point",
  Redundant: "was said before",
  Incoherent: "makes no sense",
};

/** `"The first words ..." is beside the point.` of the longest span; undefined without any. */
function spanReason(response: string, spans: readonly SpanError[], reasons: Reasons): string | undefined {
  if (spans.length === 0) return undefined;
  const longest = spans.reduce((best, one) => (one.end - one.start > best.end - best.start ? one : best));
  const words = response
    .slice(longest.start, longest.end)
    .replace(/["\u201c\u201d\\]/g, "")
    .trim()
    .split(/\s+/);
  const shown = words
    .slice(0, 4)
    .join(" ")
    .replace(/[\s.,;:]+$/, "");
  return `"${shown}${words.length > 4 ? " ..." : ""}" ${reasons[longest["error type"]]}.`;
}

/** Share of a text's characters that lie in spans. */
function coveredShare(text: string, spans: readonly SpanError[]): number {
  const covered = new Uint8Array(text.length);
  for (const { start, end } of spans) covered.fill(1, start, end);
  return mean(covered) ?? 0;
}

function overallReason(shares: number[]): string {
  const least = Math.min(...shares);
  if (least === 1) return "It answers fully and keeps to the passages.";
  return `Its weakest side is ${criteria[shares.indexOf(least)]!.term.toLowerCase()}.`;
}
