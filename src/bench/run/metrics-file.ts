import { type FileHandle, open } from "node:fs/promises";
import { noUsage, type Usage } from "../../core/usage.ts";
import { AppendFile } from "../../data/append-file.ts";

/** What a run looks like at one moment; counts are since this process began. */
export interface RunState {
  done: number;
  usage: Usage;
  /** Requests to the engine under way. */
  inFlight: number;
}

/** A line of metrics.jsonl. */
export interface MetricsLine extends Usage {
  /** ISO 8601. */
  time: string;
  /** Seconds since this process began the run. */
  seconds: number;
  /** Items. */
  done: number;
  /** Items that were there when it began. */
  before: number;
  total: number;
  /** Items per second since the line before. */
  rate: number;
  inFlight: number;
  /** Resident memory of the process. */
  rssBytes: number;
}

export interface MetricsOptions {
  before: number;
  total: number;
  state: () => RunState;
  /** Milliseconds between lines. Default 5,000. */
  everyMilliseconds?: number;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resident memory in bytes. Default: the process's. */
  rssBytes?: () => number;
}

/**
 * Appends the state of a run to a file every few seconds and at the end, after what earlier processes wrote. A line that
 * a kill cut off is removed. Failing to write never fails the run: it is told by `close`.
 */
export async function startMetrics(path: string, options: MetricsOptions): Promise<{ close(): Promise<void> }> {
  const { before, total, state, everyMilliseconds = 5000, now, rssBytes = () => process.memoryUsage.rss() } = options;
  const handle = await open(path, "a+").then(async (made) => {
    await made.close();
    return await open(path, "r+");
  });
  const file = new AppendFile(path, handle, { size: await cutLastLine(handle), syncMilliseconds: everyMilliseconds });
  const startedAt = now();
  let last = { at: startedAt, done: 0 };
  const write = async () => {
    const { done, usage, inFlight } = state();
    const at = now();
    const elapsed = (at - last.at) / 1000;
    const line: MetricsLine = {
      time: new Date(at).toISOString(),
      seconds: round((at - startedAt) / 1000),
      done,
      before,
      total,
      rate: elapsed > 0 ? round((done - last.done) / elapsed) : 0,
      inFlight,
      ...noUsage,
      ...usage,
      rssBytes: rssBytes(),
    };
    last = { at, done };
    await file.append(JSON.stringify(line));
  };
  // A failed write is kept by the file and comes up again on close.
  const timer = setInterval(() => void write().catch(() => {}), everyMilliseconds).unref();
  return {
    async close() {
      clearInterval(timer);
      await write().finally(() => file.close());
    },
  };
}

/** Removes what stands after the last line end; gives the file's size then. */
async function cutLastLine(handle: FileHandle): Promise<number> {
  const { size } = await handle.stat();
  const block = Buffer.alloc(4096);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at !== -1) {
      await handle.truncate(start + at + 1);
      return start + at + 1;
    }
    end = start;
  }
  await handle.truncate(0);
  return 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
