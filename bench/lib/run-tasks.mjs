/**
 * Gives tasks to an engine as the judge does: in order, as many at once as the engine has use for. Returns the
 * generations in the order of the tasks and the seconds they took. `request` makes the request of a task.
 */
export async function runTasks(engine, tasks, request) {
  const common = { n: 1, temperature: 0, topP: 1, seed: 0, stop: [] };
  // Opens the context, which a user pays for once per process.
  await engine.generate({ ...common, messages: [{ role: "user", content: "Hello." }], maxTokens: 2 });
  const generations = new Array(tasks.length);
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      [generations[index]] = await engine.generate({ ...common, ...request(tasks[index]) });
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: Math.min(engine.concurrency, tasks.length) }, worker));
  return { generations, seconds: (performance.now() - startedAt) / 1000 };
}

/** Sums of usage over generations; `computed` are prompt tokens that were not taken from a cache. */
export function sumUsage(generations) {
  const sum = { prompt: 0, computed: 0, output: 0 };
  for (const { usage } of generations) {
    sum.prompt += usage.promptTokens;
    sum.computed += usage.promptTokens - usage.cachedPromptTokens;
    sum.output += usage.outputTokens;
  }
  return sum;
}
