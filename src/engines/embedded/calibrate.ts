import type { LlamaBackend } from "./llama-backend.ts";

/** What a calibration chose for a model on this machine. */
export interface Calibration {
  threads: number;
  sequences: number;
  /** Tokens generated per second over all sequences at this setting. */
  tokensPerSecond: number;
  /** Every setting that was tried. */
  trials: CalibrationTrial[];
}

export interface CalibrationTrial {
  threads: number;
  sequences: number;
  /** Absent where the setting was given up because a single round took far too long. */
  tokensPerSecond?: number;
}

/** More threads must be this much faster to be worth the risk of collapsing on shared cores. */
const worthMoreThreads = 1.15;
/** More sequences must be this much faster to be worth their memory. */
const worthMoreSequences = 1.03;

/**
 * Times generation with different numbers of threads and parallel sequences, for about `budgetMilliseconds`, and picks
 * the fastest. A setting is given up at its first round that is five times slower than the best one so far.
 */
export async function calibrate(
  backend: LlamaBackend,
  options: {
    threads: number[];
    sequences: number[];
    budgetMilliseconds?: number;
    now: () => number;
    signal?: AbortSignal;
  },
): Promise<Calibration> {
  const { now } = options;
  const threads = options.threads.toSorted((a, b) => a - b);
  const sequences = options.sequences.toSorted((a, b) => a - b);
  const share = (options.budgetMilliseconds ?? 2_000) / (threads.length * sequences.length);
  const context = await backend.createContext({
    sequences: sequences.at(-1)!,
    contextTokens: 256,
    batchTokens: 64,
    threads: threads[0]!,
  });
  const trials: CalibrationTrial[] = [];
  try {
    const token = backend.tokenizeTemplate("\n")[0]!;
    for (const count of threads) {
      context.native.setThreads(count);
      for (const parallel of sequences.filter((candidate) => candidate <= context.sequences)) {
        trials.push({ threads: count, sequences: parallel, tokensPerSecond: await time(count, parallel) });
      }
    }
    async function time(count: number, parallel: number): Promise<number | undefined> {
      const singleThread = trials.find((trial) => trial.threads === threads[0] && trial.sequences === parallel);
      const patience =
        singleThread?.tokensPerSecond === undefined ? 20_000 : (5_000 * parallel) / singleThread.tokensPerSecond;
      try {
        await round(parallel, 0);
        const startedAt = now();
        let rounds = 0;
        let spent = 0;
        while (rounds < 3 || (spent < share && rounds < 60)) {
          const before = now();
          await round(parallel, rounds + 1);
          rounds++;
          spent = now() - startedAt;
          if (count !== threads[0] && now() - before > patience) return undefined;
          if (spent > 2 * share && rounds >= 2) break;
        }
        return (1000 * rounds * parallel) / spent;
      } finally {
        // The next setting starts at position 0 again, also after this one was given up.
        for (let index = 0; index < parallel; index++) context.native.disposeSequence(index);
      }
    }
    async function round(parallel: number, position: number): Promise<void> {
      options.signal?.throwIfAborted();
      context.native.initBatch(64);
      for (let index = 0; index < parallel; index++)
        context.native.addToBatch(index, position, Uint32Array.of(token), Uint32Array.of(0));
      await context.native.decodeBatch();
    }
  } finally {
    await context.close();
  }
  return { ...pickSetting(trials), trials };
}

/** The fastest setting, where more threads or sequences must earn their place. */
export function pickSetting(trials: CalibrationTrial[]): {
  threads: number;
  sequences: number;
  tokensPerSecond: number;
} {
  let best: Required<CalibrationTrial> | undefined;
  for (const trial of trials) {
    if (trial.tokensPerSecond === undefined) continue;
    const needed = best === undefined ? 0 : trial.threads > best.threads ? worthMoreThreads : worthMoreSequences;
    if (best === undefined || trial.tokensPerSecond > needed * best.tokensPerSecond)
      best = trial as Required<CalibrationTrial>;
  }
  if (best === undefined) throw new Error("no setting could be timed");
  return { threads: best.threads, sequences: best.sequences, tokensPerSecond: best.tokensPerSecond };
}
