import type { Sampler } from "../../../tinker/sampler.ts";
import { TrainingError } from "../../training-error.ts";
import type { RequestQueue } from "../rollout/request-queue.ts";
import type { Trajectory } from "../trajectory.ts";

/**
 * Log-probabilities of trajectories' answers, [n] each, under the policy that training began with: the sampler of its
 * weights reads conversation and answer as one prompt. Throws `TrainingError` where it does not give one for every token.
 */
export async function referenceLogprobs(
  reference: Sampler,
  judged: readonly { trajectory: Pick<Trajectory, "prompt" | "tokens"> }[],
  queue: RequestQueue,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const answers = await Promise.allSettled(
    judged.map(({ trajectory: { prompt, tokens } }) =>
      queue.run("evaluation", async () => {
        signal?.throwIfAborted();
        const whole = new Int32Array(prompt.length + tokens.length);
        whole.set(prompt);
        whole.set(tokens, prompt.length);
        const { promptLogprobs } = await reference.sample(
          // Servers want to write at least one token.
          { prompt: whole, n: 1, maxTokens: 1, temperature: 1, seed: 0, promptLogprobs: true },
          signal,
        );
        return ofAnswer(promptLogprobs, prompt.length, whole.length);
      }),
    ),
  );
  return answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value;
  });
}

function ofAnswer(logprobs: Float32Array | undefined, start: number, count: number): Float32Array {
  const own = logprobs?.slice(start) ?? new Float32Array();
  if (logprobs?.length === count && own.every((logprob) => Number.isFinite(logprob))) return own;
  throw new TrainingError(
    "bad-numbers",
    `the reference policy gave ${own.filter((logprob) => Number.isFinite(logprob)).length} log-probabilities for the ${count - start} tokens of an answer. Use a server that gives log-probabilities of prompts, or train without a KL penalty (--kl 0)`,
  );
}
