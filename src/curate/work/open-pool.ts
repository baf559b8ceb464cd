import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { orderedParallel } from "../../judge/ordered-parallel.ts";
import type { SharedTexts } from "../rows/text-file.ts";
import { openTask } from "./open-task.ts";
import type { Answer, Order, RowBatch, Task } from "./task.ts";

/** Threads that do tasks. Disposing of it ends them. */
export interface WorkPool extends AsyncDisposable {
  /** 0: everything is done in the calling thread. */
  readonly threads: number;
  /** The task's outputs in the order of the batches, of which few are held at once. */
  map<Params, Input extends RowBatch, Output>(
    task: Task<Params, Input, Output>,
    params: Params,
    batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
    options: { texts: SharedTexts; signal?: AbortSignal },
  ): AsyncGenerator<Output>;
}

/** Opens a pool of so many threads. Where the sources run uncompiled, which threads cannot load, it has none. */
export function openPool(threads: number): WorkPool {
  const script = new URL("./worker.js", import.meta.url);
  return threads > 0 && existsSync(fileURLToPath(script)) ? threadPool(script, threads) : inlinePool;
}

const inlinePool: WorkPool = {
  threads: 0,
  async *map(task, params, batches, { texts, signal }) {
    using work = await openTask(task, params, texts);
    for await (const batch of batches) {
      signal?.throwIfAborted();
      yield work(batch) as never;
    }
  },
  [Symbol.asyncDispose]: async () => {},
};

/** Batches at or before a thread: one that it works on and one that waits, so that it never does. */
const batchesPerThread = 2;

interface Thread {
  worker: Worker;
  waiting: Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>;
}

function threadPool(script: URL, count: number): WorkPool {
  const threads = Array.from({ length: count }, () => startThread(script));
  let [sessions, ids] = [0, 0];
  return {
    threads: count,
    async *map<Params, Input extends RowBatch, Output>(
      task: Task<Params, Input, Output>,
      params: Params,
      batches: AsyncIterable<RowBatch> | Iterable<RowBatch>,
      { texts, signal }: { texts: SharedTexts; signal?: AbortSignal },
    ) {
      const session = sessions++;
      const order = (thread: Thread, message: Order) => thread.worker.postMessage(message);
      for (const thread of threads) order(thread, { kind: "open", session, task: task.name, params, texts });
      const work = (batch: RowBatch) => {
        const thread = threads.reduce((least, one) => (one.waiting.size < least.waiting.size ? one : least));
        const id = ids++;
        return new Promise<Output>((resolve, reject) => {
          thread.waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
          order(thread, { kind: "work", session, id, input: batch });
        });
      };
      try {
        const most = count * batchesPerThread;
        yield* orderedParallel(batches, work, {
          hasRoom: (running) => running < most,
          roomChanged: () => new Promise(() => {}),
          window: 2 * most,
          signal,
        });
      } finally {
        for (const thread of threads) order(thread, { kind: "close", session });
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

function startThread(script: URL): Thread {
  const worker = new Worker(script);
  const thread: Thread = { worker, waiting: new Map() };
  worker.on("message", (answer: Answer) => {
    const { resolve, reject } = thread.waiting.get(answer.id)!;
    thread.waiting.delete(answer.id);
    if ("error" in answer) reject(new Error(`in a thread: ${answer.error}`));
    else resolve(answer.output);
  });
  worker.on("error", (error) => {
    for (const { reject } of thread.waiting.values()) reject(error as Error);
    thread.waiting.clear();
  });
  return thread;
}
