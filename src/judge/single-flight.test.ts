import { expect, test } from "vitest";
import { deferred, FakeEngine, turnOf, wait } from "../../test/fake-engine.ts";
import { queryFromText } from "../core/query.ts";
import { loadPack } from "../prompts/load-pack.ts";
import { Judge } from "./judge.ts";
import { SingleFlight } from "./single-flight.ts";

const pack = await loadPack("default");
const query = queryFromText("Why is the sky blue?");

test("a hundred judges of one query at once make one criteria generation, whose cost is counted once", async () => {
  const engine = new FakeEngine({ delay: () => wait(5), concurrency: 4 });
  const judge = new Judge({ engine, pack });
  const judgments = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      judge.judge({ id: `${index}`, query, responses: [{ id: "a", text: `Answer ${index}.` }] }),
    ),
  );
  expect(engine.requests.filter((request) => turnOf(request) === "criteria")).toHaveLength(1);
  expect(engine.requests).toHaveLength(101);
  const prompt = judgments.reduce((sum, { usage }) => sum + usage.promptTokens, 0);
  expect(prompt).toBe(101 * 100);
  expect(new Set(judgments.map(({ criteria }) => JSON.stringify(criteria[0]).replace(/"cost".*/, ""))).size).toBe(1);
});

test("equal responses of one query are evaluated once and both get the reward", async () => {
  const engine = new FakeEngine();
  const judgment = await new Judge({ engine, pack }).judge({
    id: "1",
    query,
    responses: ["a", "b"].map((id) => ({ id, text: "The same." })),
  });
  expect(engine.requests).toHaveLength(2);
  expect(judgment.responses[0]!.reward).toEqual(judgment.responses[1]!.reward);
  expect(judgment.responses.map(({ rank }) => rank)).toEqual([1, 1]);
  expect(judgment.usage.outputTokens).toBe(20);
});

test("a caller that aborts leaves the others; when all have, the task is told", async () => {
  const flights = new SingleFlight<string>();
  const gate = deferred();
  const seen: AbortSignal[] = [];
  const task = async (signal: AbortSignal) => {
    seen.push(signal);
    await gate.promise;
    return "done";
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const one = flights.run("key", task, first.signal);
  const two = flights.run("key", task, second.signal);
  first.abort(new Error("no longer wanted"));
  await expect(one).rejects.toThrow("no longer wanted");
  expect(seen).toHaveLength(1);
  expect(seen[0]!.aborted).toBe(false);
  second.abort(new Error("neither"));
  await expect(two).rejects.toThrow("neither");
  expect(seen[0]!.aborted).toBe(true);
  // The flight that was given up is not joined by whoever comes now.
  const three = flights.run("key", task);
  expect(seen).toHaveLength(2);
  gate.resolve();
  expect(await three).toEqual({ value: "done", first: true });
});

test("the caller who bears the cost is one who got the result", async () => {
  const flights = new SingleFlight<number>();
  const gate = deferred();
  const task = async () => {
    await gate.promise;
    return 1;
  };
  const leaving = new AbortController();
  const gone = flights.run("key", task, leaving.signal);
  const stays = [flights.run("key", task, new AbortController().signal), flights.run("key", task)];
  leaving.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  gate.resolve();
  expect((await Promise.all(stays)).filter(({ first }) => first)).toHaveLength(1);
});

test("a failure goes to all callers and is not kept; an aborted signal starts nothing", async () => {
  const flights = new SingleFlight<string>();
  let calls = 0;
  const failing = async () => {
    calls++;
    throw new Error("broken");
  };
  const both = [flights.run("key", failing), flights.run("key", failing)];
  for (const each of both) await expect(each).rejects.toThrow("broken");
  expect(calls).toBe(1);
  await expect(flights.run("key", failing, AbortSignal.abort(new Error("too late")))).rejects.toThrow("too late");
  expect(calls).toBe(1);
  expect(await flights.run("key", async () => "fine")).toEqual({ value: "fine", first: true });
});

test("aborting every judge of a query aborts the criteria generation, aborting one does not", async () => {
  const engine = new FakeEngine({ delay: (request) => (turnOf(request) === "criteria" ? wait(10_000) : wait(0)) });
  const judge = new Judge({ engine, pack });
  const controllers = [new AbortController(), new AbortController()];
  const judgments = controllers.map(({ signal }, index) =>
    judge.judge({ id: `${index}`, query, responses: [{ id: "a", text: "An answer." }] }, { signal }),
  );
  await wait(5);
  expect(engine.inFlight).toBe(1);
  controllers[0]!.abort(new Error("first"));
  await expect(judgments[0]).rejects.toThrow("first");
  expect(engine.inFlight).toBe(1);
  controllers[1]!.abort(new Error("second"));
  await expect(judgments[1]).rejects.toThrow("second");
  await wait(0);
  expect(engine).toMatchObject({ inFlight: 0, aborted: 1 });
});
