import { expect, test } from "vitest";
import { RequestQueue } from "./request-queue.ts";

/** A request that ends when it is told to. */
function request(log: string[], name: string) {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const run = () => {
    log.push(name);
    return ended;
  };
  return { run, end };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("no more run than the limit, and evaluations go before criteria", async () => {
  const queue = new RequestQueue(2);
  const log: string[] = [];
  const requests = ["a", "b", "c", "d", "e"].map((name) => request(log, name));
  const stages = ["criteria", "criteria", "criteria", "evaluation", "evaluation"] as const;
  const runs = requests.map(({ run }, index) => queue.run(stages[index]!, run));
  await settled();
  expect(log).toEqual(["a", "b"]);
  requests[0]!.end();
  await settled();
  expect(log).toEqual(["a", "b", "d"]);
  for (const { end } of requests) end();
  await Promise.all(runs);
  expect(log).toEqual(["a", "b", "d", "e", "c"]);
  expect(queue.running).toBe(0);
});

test("a failed request gives its place to the next", async () => {
  const queue = new RequestQueue(1);
  const failed = queue.run("criteria", () => Promise.reject(new Error("refused")));
  const next = queue.run("criteria", async () => "done");
  await expect(failed).rejects.toThrow("refused");
  expect(await next).toBe("done");
});
