import { isResumable } from "./is-resumable.ts";

/**
 * Trains, and begins again at the last checkpoint when the server was lost, at most `restarts` times. `train` goes on from
 * the last checkpoint whenever it is called.
 */
export async function withRestarts<T>(
  train: () => Promise<T>,
  { restarts, signal, say }: { restarts: number; signal?: AbortSignal; say: (line: string) => void },
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await train();
    } catch (error) {
      if (signal?.aborted || !isResumable(error)) throw error;
      if (attempt >= restarts) {
        say("the server was lost; when it is back, the same command goes on from the last checkpoint");
        throw error;
      }
      say(`${(error as Error).message}; beginning again at the last checkpoint`);
    }
  }
}
