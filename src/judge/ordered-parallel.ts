interface Slot<R> {
  outcome?: { value: R } | { error: unknown };
}

export interface OrderedParallelOptions {
  /** Whether another element may be started while `running` are at work. One is always started when none is. */
  hasRoom: (running: number) => boolean;
  /** Resolves at the next moment when `hasRoom` may have changed its mind, besides the end of a piece of work. */
  roomChanged: () => Promise<void>;
  /** Most elements that are at work or done and waiting for an earlier one. */
  window: number;
  signal?: AbortSignal;
}

/**
 * Runs `work` on the elements of a source, many at once, and yields the results in the order of the source, each as soon
 * as those before it are there, however slow the source is. At most `window` elements are held, so memory stays flat
 * however long the source is. The first failure, of the work or of the source, ends the run after the results before it;
 * then, as on an abort or when the caller stops listening, the running work is told to stop through its signal.
 */
export async function* orderedParallel<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  work: (element: T, signal: AbortSignal) => Promise<R>,
  options: OrderedParallelOptions,
): AsyncGenerator<R> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const slots: Slot<R>[] = [];
  const atWork = new Set<Promise<void>>();
  const bell = new Bell();
  const ring = () => bell.ring();
  let reading = false;
  let listening = false;
  let exhausted = false;

  const start = (element: T) => {
    const slot: Slot<R> = {};
    slots.push(slot);
    const task = work(element, signal).then(
      (value) => {
        slot.outcome = { value };
      },
      (error: unknown) => {
        slot.outcome = { error };
        exhausted = true;
      },
    );
    atWork.add(task);
    void task.finally(() => {
      atWork.delete(task);
      bell.ring();
    });
  };
  const read = async () => {
    reading = true;
    try {
      const next = await iterator.next();
      if (stop.signal.aborted) return;
      if (next.done === true) exhausted = true;
      else start(next.value);
    } catch (error) {
      exhausted = true;
      slots.push({ outcome: { error } });
    } finally {
      reading = false;
      bell.ring();
    }
  };
  const listen = async () => {
    listening = true;
    await options.roomChanged();
    listening = false;
    bell.ring();
  };

  options.signal?.addEventListener("abort", ring);
  try {
    for (;;) {
      const outcome = slots[0]?.outcome;
      if (outcome !== undefined) {
        slots.shift();
        if ("error" in outcome) throw outcome.error;
        yield outcome.value;
        continue;
      }
      options.signal?.throwIfAborted();
      if (!exhausted && !reading && slots.length < options.window) {
        if (atWork.size === 0 || options.hasRoom(atWork.size)) void read();
        else if (!listening) void listen();
      }
      if (slots.length === 0 && !reading) return;
      await bell.rung();
    }
  } finally {
    options.signal?.removeEventListener("abort", ring);
    stop.abort(new Error("the run ended early"));
    await Promise.all(atWork);
    const ended = Promise.resolve(iterator.return?.());
    // A source that is being read ends only when that read does, which may be never.
    if (reading) ended.catch(() => {});
    else await ended;
  }
}

/** Wakes one waiter; a ring that nobody waits for is kept for the next. */
class Bell {
  #rang = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rang = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#rang) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rang = false;
    this.#wake = undefined;
  }
}
