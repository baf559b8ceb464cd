import { expect, test } from "vitest";
import { type PendingRow, WriteBatch } from "./write-batch.ts";

const row = (key: string): PendingRow => ({ table: "criteria", key, value: `"${key}"`, created_at: 0 });

/** A batch that notes the keys of each transaction. */
function recorded(options: { waitMilliseconds?: number; maxRows?: number; write?: (keys: string[]) => unknown } = {}) {
  const transactions: string[][] = [];
  const batch = new WriteBatch({
    waitMilliseconds: options.waitMilliseconds ?? 1,
    maxRows: options.maxRows ?? 100,
    async write(rows) {
      const keys = rows.map(({ key }) => key);
      transactions.push(keys);
      await options.write?.(keys);
    },
  });
  return { batch, transactions };
}

test("puts of the same moment share a transaction; larger ones are split in order", async () => {
  const { batch, transactions } = recorded({ maxRows: 2 });
  await Promise.all(["a", "b", "c", "d", "e"].map((key) => batch.put(row(key))));
  expect(transactions).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

test("a put resolves only when its transaction is committed, and can be read before", async () => {
  let commit = () => {};
  const { batch } = recorded({ write: () => new Promise<void>((resolve) => (commit = resolve)) });
  let done = false;
  const put = batch.put(row("a")).then(() => (done = true));
  expect(batch.pending("criteria", "a")).toBe('"a"');
  expect(batch.pending("evaluations", "a")).toBeUndefined();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(done).toBe(false);
  commit();
  await put;
  await batch.flush();
  expect(batch.pending("criteria", "a")).toBeUndefined();
});

test("transactions do not overlap, and puts during one go into the next", async () => {
  let running = 0;
  const { batch, transactions } = recorded({
    waitMilliseconds: 0,
    write: async () => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
    },
  });
  const first = batch.put(row("a"));
  await new Promise((resolve) => setTimeout(resolve, 4));
  await Promise.all([first, batch.put(row("b")), batch.put(row("c"))]);
  expect(transactions).toEqual([["a"], ["b", "c"]]);
});

test("a failed transaction rejects its own puts and no others", async () => {
  const { batch } = recorded({
    maxRows: 1,
    write: ([key]) => {
      if (key === "b") throw new Error("disk full");
    },
  });
  const results = await Promise.allSettled(["a", "b", "c"].map((key) => batch.put(row(key))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(batch.pending("criteria", "b")).toBeUndefined();
});

test("flush waits for everything, whatever the waiting time", async () => {
  const { batch, transactions } = recorded({ waitMilliseconds: 60_000 });
  const put = batch.put(row("a"));
  await batch.flush();
  await put;
  expect(transactions).toEqual([["a"]]);
  await batch.flush();
});
