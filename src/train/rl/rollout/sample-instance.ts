import type { Criteria } from "../../../core/criteria.ts";
import { ContextOverflowError } from "../../../core/errors.ts";
import type { Message } from "../../../core/message.ts";
import type { PreferencePair } from "../../../core/preference-pair.ts";
import type { Query } from "../../../core/query.ts";
import { deriveSeed } from "../../../core/random.ts";
import type { JudgeMode } from "../../../judge/judgment.ts";
import { parseCriteria } from "../../../prompts/parse-criteria.ts";
import { parseEvaluation } from "../../../prompts/parse-evaluation.ts";
import {
  renderCriteria,
  renderEvaluation,
  renderImplicit,
  renderPerResponseCriteria,
} from "../../../prompts/render.ts";
import { type InstanceRollout, type Side, sides, type Trajectory } from "../trajectory.ts";
import { allOrNone } from "./all-or-none.ts";
import { type RolloutContext, sampleAnswer } from "./sample-answer.ts";

/** How many answers an instance has. */
export interface RolloutShape {
  mode: JudgeMode;
  /** Lists of criteria: of a query, in mode per-response of either response; in mode implicit there are none. */
  criteriaSamples: number;
  /** Evaluations of each response by each list; in mode implicit as many as all lists would have. */
  evaluations: number;
}

/**
 * Samples all trajectories of one instance (method: CE-RM, section 6), with the judge's own prompts and parsers. The
 * evaluations by a list of criteria start when that list is there, whatever the others do; a list that cannot be read, or was
 * cut off, has none. An instance that does not fit the model's context is skipped.
 */
export async function sampleInstance(
  context: RolloutContext,
  pair: PreferencePair,
  shape: RolloutShape,
  seed: number,
): Promise<InstanceRollout> {
  try {
    const branches = await allOrNone(context.signal, branchesOf(shape), (branch, signal) =>
      sampleBranch({ ...context, signal }, pair, branch, seed),
    );
    return { pair, trajectories: branches.flat() };
  } catch (error) {
    if (!(error instanceof ContextOverflowError)) throw error;
    return { pair, trajectories: [], skipped: error.message };
  }
}

/** A list of criteria, where there is one, and the evaluations by it. */
interface Branch {
  criteria?: { sample: number; side?: Side };
  evaluations: { side: Side; sample: number }[];
}

function branchesOf({ mode, criteriaSamples, evaluations }: RolloutShape): Branch[] {
  const evaluationsOf = (side: Side, count: number) => Array.from({ length: count }, (_, sample) => ({ side, sample }));
  if (mode === "implicit")
    return sides.map((side) => ({ evaluations: evaluationsOf(side, criteriaSamples * evaluations) }));
  const samples = [...Array(criteriaSamples).keys()];
  if (mode === "unified")
    return samples.map((sample) => ({
      criteria: { sample },
      evaluations: sides.flatMap((side) => evaluationsOf(side, evaluations)),
    }));
  return sides.flatMap((side) =>
    samples.map((sample) => ({ criteria: { sample, side }, evaluations: evaluationsOf(side, evaluations) })),
  );
}

async function sampleBranch(
  context: RolloutContext,
  pair: PreferencePair,
  branch: Branch,
  seed: number,
): Promise<Trajectory[]> {
  if (branch.criteria === undefined)
    return await Promise.all(branch.evaluations.map((one) => evaluate(context, pair, one, undefined, seed)));
  const { trajectory, by } = await writeCriteria(context, pair, branch.criteria, seed);
  if (by === undefined) return [trajectory];
  return [trajectory, ...(await Promise.all(branch.evaluations.map((one) => evaluate(context, pair, one, by, seed))))];
}

/** Criteria, and the conversation that led to them. */
interface Basis {
  turn1: Message[];
  criteria: Criteria;
  sample: number;
}

async function writeCriteria(
  context: RolloutContext,
  pair: PreferencePair,
  { sample, side }: NonNullable<Branch["criteria"]>,
  seed: number,
): Promise<{ trajectory: Trajectory; by?: Basis }> {
  const { pack } = context;
  const query: Query = { messages: pair.messages };
  const turn1 =
    side === undefined ? renderCriteria(pack, query) : renderPerResponseCriteria(pack, query, { text: pair[side] });
  const answer = await sampleAnswer(context, "criteria", turn1, deriveSeed(seed, 1, sideNumber(side), sample));
  const parsed = parseCriteria(pack, answer.text, answer.unfinished ? "length" : "stop");
  const trajectory = { stage: "criteria", side, criteriaSample: sample, sample: 0, ...answer } as const;
  if (!parsed.ok) {
    const { reason, detail } = parsed;
    return { trajectory: { ...trajectory, outcome: { kind: "unparsable", reason, detail } } };
  }
  const { criteria } = parsed;
  const read: Trajectory = { ...trajectory, outcome: { kind: "criteria", count: criteria.items.length } };
  return answer.unfinished ? { trajectory: read } : { trajectory: read, by: { turn1, criteria, sample } };
}

async function evaluate(
  context: RolloutContext,
  pair: PreferencePair,
  { side, sample }: Branch["evaluations"][number],
  by: Basis | undefined,
  seed: number,
): Promise<Trajectory> {
  const { pack } = context;
  const response = { text: pair[side] };
  const messages =
    by === undefined
      ? renderImplicit(pack, { messages: pair.messages }, response)
      : renderEvaluation(pack, by.turn1, by.criteria, response);
  const ownSeed = deriveSeed(seed, 2, sideNumber(side), by?.sample ?? 0, sample);
  const answer = await sampleAnswer(context, "evaluation", messages, ownSeed);
  const parsed = parseEvaluation(pack, {
    text: answer.text,
    finishReason: answer.unfinished ? "length" : "stop",
    criteria: by?.criteria,
    response: response.text,
  });
  const outcome: Trajectory["outcome"] = parsed.ok
    ? { kind: "score", value: parsed.evaluation.overall }
    : { kind: "unparsable", reason: parsed.reason, detail: parsed.detail };
  return { stage: "evaluation", side, criteriaSample: by?.sample, sample, ...answer, outcome };
}

function sideNumber(side: Side | undefined): number {
  return side === undefined ? 2 : sides.indexOf(side);
}
