import { parentPort } from "node:worker_threads";
import { openTask } from "./open-task.ts";
import type { Answer, Order } from "./task.ts";
import { findTask } from "./tasks.ts";

// A thread of the pool: opens tasks, and answers inputs in the order in which they come.
const port = parentPort!;
const sessions = new Map<number, ReturnType<typeof openTask>>();

port.on("message", async (order: Order) => {
  if (order.kind === "close") {
    const closing = sessions.get(order.session);
    sessions.delete(order.session);
    (await closing?.catch(() => undefined))?.[Symbol.dispose]();
  } else if (order.kind === "open") {
    const opened = openTask(findTask(order.task), order.params, order.texts);
    // A failure meets the first input.
    opened.catch(() => {});
    sessions.set(order.session, opened);
  } else {
    const answer = await answerOf(order);
    port.postMessage(answer, "output" in answer ? transferred(answer.output) : []);
  }
});

async function answerOf({ session, id, input }: Extract<Order, { kind: "work" }>): Promise<Answer> {
  try {
    const work = await sessions.get(session)!;
    return { id, output: work(input) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Typed arrays of an output are handed over rather than copied. */
function transferred(output: unknown): ArrayBuffer[] {
  if (typeof output !== "object" || output === null) return [];
  const buffers = Object.values(output).flatMap((value) =>
    ArrayBuffer.isView(value) && value.buffer instanceof ArrayBuffer ? [value.buffer] : [],
  );
  return [...new Set(buffers)];
}
