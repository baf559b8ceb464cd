import fc from "fast-check";
import { expect, test } from "vitest";
import type { Form } from "../../core/form.ts";
import { seededRandom } from "../../core/random.ts";
import { fillForm } from "./fill-form.ts";
import { generatePlain } from "./generate-plain.ts";
import { Scheduler } from "./scheduler.ts";
import { emptyResult, type Program, type SamplingSettings, type Step } from "./step.ts";
import { greedy, runProgram } from "./testing/run-program.ts";
import { createScheduler, model, plain, run, tick, tokensOf } from "./testing/scheduler-fixture.ts";
import { createToyBackend } from "./testing/toy-backend.ts";
import { hashModel, toyTokenizer } from "./testing/toy-model.ts";
import { ThreadGovernor } from "./thread-governor.ts";

const form: Form = {
  parts: [
    { kind: "fixed", text: "a: " },
    { kind: "free", name: "note", maxTokens: 4, stop: ["\n", "x"] },
    { kind: "choice", name: "score", options: ["1", "1.5", "10"] },
    { kind: "free", name: "more", maxTokens: 3, stop: ["."] },
    {
      kind: "repeat",
      name: "list",
      min: 1,
      max: 3,
      open: "{i}. ",
      parts: [{ kind: "free", name: "term", maxTokens: 2, stop: [] }],
      close: "\n",
    },
  ],
};

interface Plan {
  /** How many tokens of which common text the prompt begins with, and what follows. */
  shared: number;
  family: number;
  own: number;
  kind: "plain" | "lookup" | "logprobs" | "form";
  sampling: SamplingSettings;
  /** Turns of the event loop to wait before it is submitted. */
  delay: number;
}

const planArbitrary: fc.Arbitrary<Plan> = fc.record({
  shared: fc.constantFrom(0, 5, 20, 40),
  family: fc.integer({ min: 0, max: 1 }),
  own: fc.integer({ min: 0, max: 9 }),
  kind: fc.constantFrom("plain", "lookup", "logprobs", "form"),
  sampling: fc.constantFrom(greedy, { temperature: 1, topP: 1, seed: 5 }, { temperature: 0.7, topP: 0.9, seed: 6 }),
  delay: fc.integer({ min: 0, max: 40 }),
});

function promptOf({ shared, family, own }: Plan): number[] {
  return [...tokensOf(family, 40).slice(0, shared), ...tokensOf(100 + own, 1 + own)];
}

function programOf(plan: Plan): Program<unknown> {
  const prompt = promptOf(plan);
  const { temperature, seed } = plan.sampling;
  if (plan.kind === "form") return fillForm(prompt, form, toyTokenizer, { temperature, random: seededRandom(seed) });
  const lookup = plan.kind === "lookup" ? { pattern: 1, length: 7 } : undefined;
  return generatePlain(prompt, toyTokenizer, {
    maxTokens: 8,
    stop: ["z"],
    lookup,
    logprobs: plan.kind === "logprobs" ? 3 : undefined,
  });
}

/** Looks at the last two tokens only, so that it repeats itself and guesses are right at times. */
const forgetful = (prefix: readonly number[]) => hashModel(9, { end: -1 })(prefix.slice(-2));

/** Sums of probabilities may be added up in another order. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part) => (typeof part === "number" ? Number(part.toPrecision(9)) : part)),
  );
}

test("programs give together what each gives alone", async () => {
  const scenario = fc.record({
    plans: fc.array(planArbitrary, { minLength: 1, maxLength: 10 }),
    sequences: fc.integer({ min: 1, max: 5 }),
    batchTokens: fc.constantFrom(3, 7, 16, 64),
    recurrent: fc.boolean(),
    sharePrefixes: fc.constantFrom(true, true, false),
    forgets: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ plans, recurrent, forgets, ...options }) => {
      const used = forgets ? forgetful : model;
      const backend = createToyBackend(used, { recurrent });
      const scheduler = createScheduler(backend, options);
      const outcomes = await Promise.all(
        plans.map(async (plan) => {
          for (let turn = 0; turn < plan.delay; turn++) await tick();
          const prompt = promptOf(plan);
          return scheduler.run(programOf(plan), { sampling: plan.sampling, tokensNeeded: prompt.length + 60 });
        }),
      );
      for (const [index, plan] of plans.entries()) {
        const alone = runProgram(programOf(plan), used, promptOf(plan), plan.sampling).value;
        expect(rounded(outcomes[index]!.value)).toEqual(rounded(alone));
      }
      await scheduler.close();
      expect(backend.contexts.every((context) => context.closed)).toBe(true);
    }),
    { numRuns: 100 },
  );
}, 30_000);

test("the same seed gives the same text also on a sequence that drew with it before", async () => {
  const scheduler = createScheduler(createToyBackend(model), { sequences: 1 });
  const prompt = tokensOf(4, 10);
  const sampling = { temperature: 1, topP: 1, seed: 42 };
  const draw = () => scheduler.run(plain(prompt, 12), { sampling, tokensNeeded: 40 });
  const first = await draw();
  expect((await draw()).value).toEqual(first.value);
  const other = await scheduler.run(plain(prompt, 12), { sampling: { ...sampling, seed: 43 }, tokensNeeded: 40 });
  expect(other.value.text).not.toBe(first.value.text);
  await scheduler.close();
});

test("a step that only erases costs no batch, and a program may end without any", async () => {
  const prompt = tokensOf(1, 10);
  function* erasing(): Program<Step["want"]["kind"]> {
    const result = yield { feed: prompt, want: { kind: "nothing" } };
    expect(result).toEqual(emptyResult);
    yield { erase: 3, feed: [], want: { kind: "nothing" } };
    yield { erase: 2, feed: [], want: { kind: "nothing" } };
    return "nothing";
  }
  // biome-ignore lint/correctness/useYield: a program that ends at once
  function* empty(): Program<string> {
    return "at once";
  }
  const backend = createToyBackend(model);
  const scheduler = createScheduler(backend);
  expect((await run(scheduler, erasing(), prompt)).value).toBe("nothing");
  expect((await run(scheduler, empty(), prompt)).value).toBe("at once");
  expect(backend.computedTokens).toBe(10);
  await scheduler.close();
});

test("a change of threads reaches the context", async () => {
  let clock = 0;
  let batches = 0;
  const backend = createToyBackend(model, {
    onDecode: () => {
      clock += ++batches > 6 ? 5_000 : 10;
    },
  });
  const governor = new ThreadGovernor({ threads: 2, now: () => clock });
  const shape = { sequences: 1, contextTokens: 256, batchTokens: 16, threads: 2 };
  const scheduler = new Scheduler({ backend, governor, sharePrefixes: true, now: () => clock, shape });
  const prompt = tokensOf(1, 4);
  await run(scheduler, generatePlain(prompt, toyTokenizer, { maxTokens: 9, stop: [] }), prompt);
  expect(backend.contexts[0]!.threads).toBe(1);
  await scheduler.close();
});
