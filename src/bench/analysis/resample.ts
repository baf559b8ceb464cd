import { type BootstrapOptions, bootstrapSteps, type Interval, type Statistic } from "../../core/statistics/index.ts";

export interface ResampleOptions extends Pick<BootstrapOptions, "seed" | "resamples" | "level"> {
  signal?: AbortSignal;
  /** Called now and then with the resamples done and to do. */
  onProgress?: (done: number, total: number) => void;
}

/** How long the event loop may be kept waiting, in milliseconds. */
const patience = 50;

/** Bootstrap intervals of a statistic that may take long: the event loop gets its turn, and the signal ends it. */
export async function resample(
  itemCount: number,
  statistic: Statistic,
  options: ResampleOptions & { clusters: ArrayLike<number> },
): Promise<(Interval | null)[]> {
  options.signal?.throwIfAborted();
  const steps = bootstrapSteps(itemCount, statistic, options);
  const turn = turnTaker(options.signal);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (turn.due()) {
      options.onProgress?.(step.value, options.resamples ?? 2_000);
      await turn.take();
    }
  }
}

/** Says when it is time to let others work; `take` waits a turn of the event loop and throws where the signal says so. */
export function turnTaker(signal: AbortSignal | undefined): { due(): boolean; take(): Promise<void> } {
  let last = performance.now();
  return {
    due: () => performance.now() - last > patience,
    async take() {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      last = performance.now();
    },
  };
}
