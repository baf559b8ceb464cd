import { heldOutNumbers, judgeHeldOut } from "../watch/held-out.ts";
import type { Policy } from "./policy.ts";
import type { ResolvedRlOptions } from "./rl-options.ts";

/** Held-out accuracy of the current weights, where it is due after this step; else nothing. */
export async function heldOutMetrics(
  { samplerPath }: Policy,
  step: number,
  options: ResolvedRlOptions,
): Promise<Record<string, number | undefined>> {
  const { heldOut, evaluateEvery, totalSteps, server, pack, settings, signal } = options;
  if (heldOut.length === 0 || (step % evaluateEvery !== 0 && step !== totalSteps)) return {};
  const engine = await server.openEngine(samplerPath, signal);
  try {
    const maxTokens = { criteria: settings.maxCriteriaTokens, evaluation: settings.maxEvaluationTokens };
    return heldOutNumbers(await judgeHeldOut(engine, heldOut, { pack, mode: settings.mode, maxTokens, signal }));
  } finally {
    await engine.close();
  }
}
