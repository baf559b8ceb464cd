import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { testClock, testRequest } from "../../../test/stub-server/fixtures.ts";
import { type StubOptions, type StubServer, startStubServer } from "../../../test/stub-server/index.ts";
import { ContextOverflowError, EngineError, InputError } from "../../core/errors.ts";
import type { Engine, GenerateRequest, Generation } from "../engine.ts";
import { createPool, type PoolOptions } from "./create-pool.ts";
import { rankReplicas } from "./rendezvous.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function stubs(count: number, options: StubOptions = {}): Promise<StubServer[]> {
  const started = await Promise.all(
    Array.from({ length: count }, () => startStubServer({ keepRequests: true, ...options })),
  );
  open.push(...started);
  return started;
}

async function pool(servers: (StubServer | string | Engine)[], options: Partial<PoolOptions> = {}) {
  const clock = testClock();
  const replicas = servers.map((each) => (typeof each === "object" && "port" in each ? each.url : each));
  const engine = await createPool({ replicas, engine: { environment: {} }, clock, random: () => 0.5, ...options });
  open.push(engine);
  return { engine, clock };
}

const ask = (engine: Engine, affinity: string) => engine.generate(testRequest({ affinity }));
const keys = Array.from({ length: 24 }, (_, index) => `query ${index}`);
const completions = (servers: StubServer[]) => servers.map((server) => server.counts.completions);

/** Which server each key's request went to. */
async function homes(engine: Engine, servers: StubServer[]): Promise<number[]> {
  const result: number[] = [];
  for (const key of keys) {
    const before = completions(servers);
    await ask(engine, key);
    result.push(completions(servers).findIndex((count, index) => count > before[index]!));
  }
  return result;
}

/** An engine whose answers the test gives. */
function fakeEngine(answer: (request: GenerateRequest) => Promise<Generation[]>, model = "m"): Engine {
  return {
    identity: { engine: "fake", model },
    capabilities: { forms: "grammar", logprobs: true, sharedPrefix: false, tokens: false },
    concurrency: 4,
    generate: answer,
    close: async () => {},
  };
}
const generation: Generation = {
  text: "a",
  finishReason: "stop",
  usage: { promptTokens: 0, cachedPromptTokens: 0, outputTokens: 0 },
  milliseconds: 0,
};

describe("rankReplicas", () => {
  const names = ["http://a/v1", "http://b/v1", "http://c/v1"];
  const many = Array.from({ length: 3000 }, (_, index) => `key ${index}`);

  it("spreads keys evenly", () => {
    const counts = [0, 0, 0];
    for (const key of many) counts[rankReplicas(key, names)[0]!]!++;
    for (const count of counts) expect(count).toBeGreaterThan(850);
  });

  it("moves only the keys of a name that goes", () => {
    for (const key of many) {
      const [first, second] = rankReplicas(key, names);
      const [left] = rankReplicas(key, names.slice(0, 2));
      expect(left).toBe(first === 2 ? second : first);
    }
  });
});

describe("a pool", () => {
  it("keeps a key at its replica, also in another order of URLs", async () => {
    const servers = await stubs(3);
    const { engine } = await pool(servers);
    const first = await homes(engine, servers);
    expect(new Set(first).size).toBe(3);
    expect(await homes(engine, servers)).toEqual(first);
    const other = await pool([...servers].reverse());
    expect(await homes(other.engine, servers)).toEqual(first);
  });

  it("without affinity keeps a conversation's continuations together and spreads first turns", async () => {
    const servers = await stubs(3);
    const { engine } = await pool(servers);
    const turns = (query: string, last: string) => [
      { role: "system" as const, content: "You judge." },
      { role: "user" as const, content: query },
      { role: "assistant" as const, content: "criteria" },
      { role: "user" as const, content: last },
    ];
    for (let index = 0; index < 6; index++) {
      await engine.generate(testRequest({ messages: turns("q", `response ${index}`) }));
    }
    expect(completions(servers).filter((count) => count > 0)).toEqual([6]);
    for (let index = 0; index < 30; index++) {
      await engine.generate(testRequest({ messages: turns(`q ${index}`, "").slice(0, 2) }));
    }
    expect(completions(servers).filter((count) => count > 0)).toHaveLength(3);
  });

  it("moves the keys of a replica that is down, and back when it returns", async () => {
    const servers = await stubs(3);
    const { engine, clock } = await pool(servers);
    const before = await homes(engine, servers);
    const { port } = servers[1]!;
    await servers[1]!.close();
    const during = await homes(engine, servers);
    expect(during).not.toContain(1);
    before.forEach((home, index) => {
      if (home !== 1) expect(during[index]).toBe(home);
    });
    const [again] = await stubs(1, { port });
    const now = [servers[0]!, again!, servers[2]!];
    await clock.sleep(1100);
    // The first request starts the probe and does not wait for it.
    await ask(engine, "any");
    await expect.poll(() => again!.counts.requests).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await homes(engine, now)).toEqual(before);
  });

  it("starts while one replica is away, and takes it in when it comes", async () => {
    const [here, away] = await stubs(2);
    const { port } = away!;
    await away!.close();
    const { engine, clock } = await pool([here!, away!]);
    await homes(engine, [here!]);
    const [come] = await stubs(1, { port });
    await clock.sleep(1100);
    await ask(engine, "any");
    await expect.poll(() => come!.counts.requests).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await homes(engine, [here!, come!]);
    expect(come!.counts.completions).toBeGreaterThan(3);
  });

  it("moves on from a replica that keeps failing, and stops asking it", async () => {
    const [good] = await stubs(1);
    const [bad] = await stubs(1, { faults: { status500: 1 } });
    const { engine } = await pool([good!, bad!], { engine: { environment: {}, maxAttempts: 1 } });
    await homes(engine, [good!, bad!]);
    expect(good!.counts.completions).toBe(keys.length);
    // The clock stands still, so no probe was due.
    expect(bad!.counts.completions).toBe(3);
  });

  it("does not hold a request's own fault against a replica", async () => {
    let asked = 0;
    const { engine } = await pool([
      fakeEngine(async () => {
        asked++;
        throw new ContextOverflowError("too long");
      }),
    ]);
    for (let index = 0; index < 5; index++) await expect(ask(engine, "a")).rejects.toBeInstanceOf(ContextOverflowError);
    expect(asked).toBe(5);
  });

  it("bounds the load of a replica that everything prefers", async () => {
    const running = [0, 0];
    const most = [0, 0];
    const slow = (index: number) =>
      fakeEngine(async () => {
        running[index]!++;
        most[index] = Math.max(most[index]!, running[index]!);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running[index]!--;
        return [generation];
      });
    const { engine } = await pool([slow(0), slow(1)]);
    await Promise.all(Array.from({ length: 100 }, () => ask(engine, "the same")));
    expect(Math.max(...most)).toBeLessThanOrEqual(Math.ceil((100 * 1.25) / 2));
    expect(Math.min(...most)).toBeGreaterThanOrEqual(35);
    most.fill(0);
    await Promise.all(Array.from({ length: 6 }, () => ask(engine, "the same")));
    expect(Math.min(...most)).toBe(0);
  });

  it("says of every replica what is wrong where none answers", async () => {
    const servers = await stubs(2);
    const { engine, clock } = await pool(servers, { rounds: 3 });
    await Promise.all(servers.map((server) => server.close()));
    const error = (await ask(engine, "a").catch((reason: unknown) => reason)) as EngineError;
    expect(error).toMatchObject({ name: "EngineError", retryable: true, code: "unreachable" });
    for (const server of servers) expect(error.message).toContain(server.url);
    // It waited for probes in between.
    expect(clock.sleeps.filter((ms) => ms >= 900)).toEqual([1000, 2000]);
    await expect(pool(servers)).rejects.toMatchObject({ code: "unreachable" });
  });

  it("waits for a replica to come back before it gives a request up", async () => {
    const [server] = await stubs(1);
    const { port } = server!;
    let back: StubServer | undefined;
    const clock = testClock();
    const returning = {
      ...clock,
      sleep: async (ms: number) => {
        await clock.sleep(ms);
        back ??= (await stubs(1, { port }))[0];
      },
    };
    const { engine } = await pool([server!], { clock: returning });
    await server!.close();
    await expect(ask(engine, "a")).resolves.toHaveLength(1);
    expect(back!.counts.completions).toBe(1);
  });

  it("has one model", async () => {
    const [one] = await stubs(1, { models: [{ id: "first-model" }] });
    const [two] = await stubs(1, { models: [{ id: "second-model" }] });
    const error = await pool([one!, two!]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(/first-model/);
    expect((error as Error).message).toMatch(/second-model/);
    expect((error as Error).message).toContain(two!.url);
  });

  it("can do what all can, and has room for as much as all together", async () => {
    const plain = fakeEngine(async () => [generation]);
    const { engine } = await pool([
      plain,
      { ...plain, capabilities: { ...plain.capabilities, forms: "none", logprobs: false } },
    ]);
    expect(engine.capabilities).toEqual({ forms: "none", logprobs: false, sharedPrefix: false, tokens: false });
    expect(engine.concurrency).toBe(8);
    expect(engine.identity).toEqual({ engine: "fake", model: "m" });
  });

  it("can be stopped while it opens, and only then by that signal", async () => {
    const [there, silent] = await Promise.all([
      startStubServer(),
      startStubServer({ respond: () => ({ hang: true }) }),
    ]);
    open.push(there, silent);
    const controller = new AbortController();
    const engine = { environment: {}, signal: controller.signal };
    const opening = createPool({ replicas: [there.url, silent.url], engine });
    setTimeout(() => controller.abort(new Error("enough")), 30);
    await expect(opening).rejects.toThrow("enough");

    const later = new AbortController();
    const away = await startStubServer();
    await away.close();
    const { engine: opened, clock } = await pool([there, away.url], {
      engine: { environment: {}, signal: later.signal },
    });
    later.abort(new Error("too late"));
    open.push(await startStubServer({ port: away.port, reply: () => "from the one that came later" }));
    await clock.sleep(1_000);
    const texts = new Set<string>();
    for (let round = 0; round < 3; round++) for (const key of keys) texts.add((await ask(opened, key))[0]!.text);
    expect(texts).toContain("from the one that came later");
  });

  it("stops at once when aborted", async () => {
    const [server] = await stubs(1, { faults: { hang: 1 } });
    const { engine } = await pool([server!]);
    const controller = new AbortController();
    const running = engine.generate(testRequest(), controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(running).rejects.toThrow("enough");
  });

  it("shows no secret of a URL", async () => {
    const [server] = await stubs(1);
    await server!.close();
    const url = server!.url.replace("http://", "http://user:hunter22-pw@");
    const error = await pool([url]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(inspect(error, { depth: 10 })).not.toContain("hunter22");
  });

  it("needs a replica and a load factor of at least 1", async () => {
    await expect(createPool({ replicas: [] })).rejects.toThrow(/replicas: is empty/);
    await expect(pool([fakeEngine(async () => [])], { loadFactor: 0.5 })).rejects.toThrow(/loadFactor: is 0.5/);
  });
});
