import { expect, test } from "vitest";
import { ContextOverflowError } from "../../../core/errors.ts";
import { loadPack } from "../../../prompts/load-pack.ts";
import type { SampleRequest, Sampler } from "../../../tinker/sampler.ts";
import { endOfAnswer, phraseOf, textOf, tokenOfPhrase, toyCodec } from "../testing/toy-codec.ts";
import { toyPairs } from "../testing/toy-pairs.ts";
import { collectRollouts } from "./collect-rollouts.ts";
import { RequestQueue } from "./request-queue.ts";
import type { RolloutContext } from "./sample-answer.ts";

const pack = await loadPack("compact");
const unified = { mode: "unified", criteriaSamples: 2, evaluations: 2 } as const;
const [useful, babble, score] = [0, 2, (value: number) => 3 + value];

/** A sampler that answers with one phrase, when `wait` is over. */
function scripted(phrase: (request: SampleRequest, text: string) => number, wait?: (text: string) => Promise<void>) {
  const asked: { text: string; request: SampleRequest }[] = [];
  const sampler: Sampler = {
    async sample(request) {
      const text = textOf(request.prompt);
      asked.push({ text, request });
      await wait?.(text);
      const tokens = Int32Array.of(tokenOfPhrase(phrase(request, text)), endOfAnswer);
      return { sequences: [{ tokens, logprobs: Float32Array.of(-1, 0), stopReason: "stop" }] };
    },
  };
  return { sampler, asked };
}

const isCriteria = (text: string) => !text.includes("Judge this response");
const contextOf = (sampler: Sampler, more: Partial<RolloutContext> = {}): RolloutContext => ({
  ...{ sampler, codec: toyCodec, pack, queue: new RequestQueue(64), temperature: 1, topP: 1 },
  maxTokens: { criteria: 5, evaluation: 7 },
  ...more,
});
const judging = (text: string) => (isCriteria(text) ? useful : score(text.includes("blue") ? 9 : 2));

test("every list of criteria has its evaluations of both responses, read by the judge's parsers", async () => {
  const { sampler, asked } = scripted((_, text) => judging(text));
  const [rollout] = await collectRollouts(contextOf(sampler), toyPairs(1, "p"), unified, 1);
  expect(
    rollout!.trajectories.map(({ stage, side, criteriaSample, sample, outcome }) =>
      [stage, side, criteriaSample, sample, outcome.kind === "score" ? outcome.value : outcome.kind].join(" "),
    ),
  ).toEqual(
    [0, 1].flatMap((list) => [
      `criteria  ${list} 0 criteria`,
      ...[0, 1].map((sample) => `evaluation chosen ${list} ${sample} 9`),
      ...[0, 1].map((sample) => `evaluation rejected ${list} ${sample} 2`),
    ]),
  );
  expect(asked.map(({ request }) => request.maxTokens)).toEqual([5, 5, 7, 7, 7, 7, 7, 7, 7, 7]);
  expect(new Set(asked.map(({ request }) => request.seed)).size).toBe(10);
  expect(asked.every(({ request }) => request.n === 1 && request.seed < 2 ** 31)).toBe(true);
  // The evaluation goes on from the criteria that were written.
  expect(asked.at(-1)!.text).toContain("<assistant>[Start of Criteria]\n1. **Colour**");
});

test("evaluations start when their criteria are there, though other criteria and other instances are not", async () => {
  let started = 0;
  const never = new AbortController();
  const { sampler } = scripted(
    (_, text) => judging(text),
    async (text) => {
      if (isCriteria(text) && started++ > 0)
        await new Promise<void>((_, reject) =>
          never.signal.addEventListener("abort", () => reject(new Error("ended"))),
        );
      if (!isCriteria(text)) evaluated++;
    },
  );
  let evaluated = 0;
  const rollouts = collectRollouts(contextOf(sampler), toyPairs(2, "p"), unified, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(evaluated).toBe(4);
  never.abort();
  await expect(rollouts).rejects.toThrow("ended");
});

test("criteria that cannot be read, or were cut off, are not judged by", async () => {
  let criteria = 0;
  const { sampler } = scripted((_, text) => (isCriteria(text) && criteria++ === 0 ? babble : judging(text)));
  const cut: Sampler = {
    async sample(request) {
      const { sequences } = await sampler.sample(request);
      const first = isCriteria(textOf(request.prompt)) && phraseOf(sequences[0]!.tokens[0]!) !== babble;
      return { sequences: [{ ...sequences[0]!, stopReason: first ? "length" : "stop" }] };
    },
  };
  const [rollout] = await collectRollouts(contextOf(cut), toyPairs(1, "p"), unified, 1);
  expect(rollout!.trajectories.map(({ stage, outcome, unfinished }) => [stage, outcome.kind, unfinished])).toEqual([
    ["criteria", "unparsable", false],
    ["criteria", "criteria", true],
  ]);
});

test("an instance that does not fit the context is skipped, and the others are not", async () => {
  const { sampler } = scripted((_, text) => judging(text));
  const pairs = toyPairs(2, "p");
  pairs[0]!.chosen = "blue ".repeat(1000);
  const codec = { ...toyCodec, contextTokens: 4000 };
  const [long, other] = await collectRollouts(contextOf(sampler, { codec }), pairs, unified, 1);
  expect(long).toMatchObject({ trajectories: [], skipped: expect.stringContaining("the model has room for 4000") });
  expect(other!.trajectories).toHaveLength(10);
  const refusing: Sampler = { sample: () => Promise.reject(new ContextOverflowError("the server has no room")) };
  const [refused] = await collectRollouts(contextOf(refusing), toyPairs(1, "p"), unified, 1);
  expect(refused!.skipped).toBe("the server has no room");
});

test("the same seed asks for the same, another for something else", async () => {
  const seedsOf = async (seed: number) => {
    const { sampler, asked } = scripted((_, text) => judging(text));
    await collectRollouts(contextOf(sampler), toyPairs(3, "p"), unified, seed);
    return asked.map(({ request }) => request.seed).sort();
  };
  expect(await seedsOf(1)).toEqual(await seedsOf(1));
  expect(await seedsOf(1)).not.toEqual(await seedsOf(2));
});

test("after a failure nothing more is asked for", async () => {
  let asked = 0;
  const failing: Sampler = {
    sample: async () => {
      const number = ++asked;
      await new Promise((resolve) => setImmediate(resolve));
      if (number === 3) throw new Error("the server is gone");
      const tokens = Int32Array.of(tokenOfPhrase(useful), endOfAnswer);
      return { sequences: [{ tokens, logprobs: Float32Array.of(-1, 0), stopReason: "stop" }] };
    },
  };
  const context = contextOf(failing, { queue: new RequestQueue(1) });
  await expect(collectRollouts(context, toyPairs(8, "p"), unified, 1)).rejects.toThrow("the server is gone");
  // A few were on their way when the failure was known; 80 would be asked for in all.
  expect(asked).toBeLessThan(9);
});
