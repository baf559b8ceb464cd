import { setMaxListeners } from "node:events";

/**
 * Runs work on all elements at once and gives the results in their order. When one fails, the others are aborted, and it
 * throws the first failure when they have ended: none outlives it.
 */
export async function allOrNone<T, R>(
  signal: AbortSignal | undefined,
  elements: readonly T[],
  work: (element: T, signal: AbortSignal, index: number) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  // As many listeners as there is work under way; Node would report a leak above ten.
  setMaxListeners(0, either);
  const runs = elements.map((element, index) => work(element, either, index));
  try {
    return await Promise.all(runs);
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled(runs);
    throw error;
  }
}
