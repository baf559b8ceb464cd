import { seededRandom } from "../../../core/random.ts";
import { generatePlain } from "../generate-plain.ts";
import { Scheduler } from "../scheduler.ts";
import type { JobOutcome } from "../slot.ts";
import type { Program } from "../step.ts";
import { ThreadGovernor } from "../thread-governor.ts";
import { greedy } from "./run-program.ts";
import type { ToyBackend } from "./toy-backend.ts";
import { hashModel, toyTokenizer } from "./toy-model.ts";

/** Any other prefix gives other logits: mixing up sequences changes what is said. */
export const model = hashModel(1, { end: -1 });

/** One turn of the event loop. */
export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createScheduler(
  backend: ToyBackend,
  options: {
    sequences?: number;
    batchTokens?: number;
    contextTokens?: number;
    sharePrefixes?: boolean;
    maxContextTokens?: number;
  } = {},
): Scheduler {
  const { sequences = 4, batchTokens = 16, contextTokens = 512, sharePrefixes = true, maxContextTokens } = options;
  const governor = new ThreadGovernor({ threads: 1, now: () => 0 });
  const shape = { sequences, contextTokens, batchTokens, threads: 1 };
  return new Scheduler({ backend, governor, sharePrefixes, maxContextTokens, now: () => 0, shape });
}

/** `length` random tokens. */
export function tokensOf(seed: number, length: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length }, () => toyTokenizer.tokenize("abcxyz0123 .,"[Math.floor(13 * random())]!)[0]!);
}

export function plain(prompt: number[], maxTokens = 6) {
  return generatePlain(prompt, toyTokenizer, { maxTokens, stop: [] });
}

export function run<T>(
  scheduler: Scheduler,
  program: Program<T>,
  prompt: number[],
  signal?: AbortSignal,
): Promise<JobOutcome<T>> {
  return scheduler.run(program, { sampling: greedy, tokensNeeded: prompt.length + 60, signal });
}
