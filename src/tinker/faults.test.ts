import { describe, expect, test } from "vitest";
import { startTinkerServer } from "../../test/tinker-server/index.ts";
import {
  adam,
  crossEntropy,
  datum,
  quickClock,
  startClient,
  startTraining,
} from "../../test/tinker-server/start-training.ts";
import { openTinker } from "./open-tinker.ts";

const request = { prompt: Int32Array.of(5, 6), n: 1, maxTokens: 2, temperature: 1, seed: 7 };

describe("a server that is down", () => {
  test("gives an error that names it", async () => {
    const server = await startTinkerServer();
    await server.close();
    const opened = openTinker({ baseUrl: server.url, clock: quickClock, environment: {}, maxAttempts: 2 });
    await expect(opened).rejects.toMatchObject({ code: "tinker-unavailable", retryable: true, resumable: false });
    await expect(opened).rejects.toThrow(`${server.url}/api/v1 does not answer`);
  });

  test("is waited for, and one line a minute says so, however many calls wait", async () => {
    const lines: string[] = [];
    const { server, trainer } = await startTraining({}, { maxAttempts: 5, say: (line) => lines.push(line) });
    await server.down();
    await Promise.allSettled([trainer.forward([datum]), trainer.saveWeights("one"), trainer.saveWeights("two")]);
    // Heartbeats have lines of their own.
    expect(lines.filter((line) => line.endsWith("trying again"))).toEqual([
      expect.stringContaining(`attempt 3 of 5 at ${server.url}/api/v1 failed`),
    ]);
  });

  test("and comes up again is waited for, and nothing is sent twice", async () => {
    const { server, trainer, effects } = await startTraining({}, { maxAttempts: 100 });
    await server.down();
    const results = [trainer.forwardBackward([datum], crossEntropy), trainer.optimStep(adam)];
    await new Promise((resolve) => setTimeout(resolve, 20));
    await server.up();
    await Promise.all(results);
    expect(effects()).toEqual(["forward_backward", "optim_step"]);
  });

  test("leaves a trainer usable, because nothing was taken", async () => {
    const { server, trainer, effects } = await startTraining({}, { maxAttempts: 2 });
    await server.down();
    // So that the client notices its connection's end before it calls.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const results = await Promise.allSettled([trainer.forwardBackward([datum], crossEntropy), trainer.optimStep(adam)]);
    expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual([
      "tinker-unavailable",
      "tinker-broken-off",
    ]);
    await server.up();
    await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-broken-off" });
    await trainer.forwardBackward([datum], crossEntropy);
    await trainer.optimStep(adam);
    expect(effects()).toEqual(["forward_backward", "optim_step"]);
  });
});

describe("a lost answer", () => {
  test.each(["/forward_backward", "/optim_step"])("of %s is asked for again and takes effect once", async (path) => {
    const { server, trainer, effects } = await startTraining();
    server.fault(path, { kind: "lose-answer" }, 2);
    await Promise.all([trainer.forwardBackward([datum], crossEntropy), trainer.optimStep(adam)]);
    expect(effects()).toEqual(["forward_backward", "optim_step"]);
  });

  test.each([
    { kind: "lose-answer" },
    { kind: "drop" },
    { kind: "status", status: 500, detail: "Internal Server Error" },
  ] as const)("($kind) of a server that does not recognise repetitions ends the trainer", async (fault) => {
    const { server, trainer, effects } = await startTraining({ recognises: false }, { repeatSubmissions: false });
    server.fault("/forward_backward", fault);
    const pass = trainer.forwardBackward([datum], crossEntropy);
    const step = trainer.optimStep(adam);
    await expect(pass).rejects.toMatchObject({ code: "tinker-lost-answer", resumable: true, retryable: false });
    await expect(pass).rejects.toThrow(/may or may not have taken effect.*last checkpoint/);
    await expect(step).rejects.toMatchObject({ code: "tinker-broken-off", resumable: true });
    await expect(trainer.forwardBackward([datum], crossEntropy)).rejects.toMatchObject({ resumable: true });
    expect(effects().length).toBeLessThanOrEqual(1);
  });

  test("that stays lost ends the trainer", async () => {
    const { server, trainer } = await startTraining({}, { maxAttempts: 3 });
    server.fault("/optim_step", { kind: "lose-answer" }, 3);
    await trainer.forwardBackward([datum], crossEntropy);
    await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-lost-answer", resumable: true });
    await expect(trainer.saveWeights("a")).rejects.toMatchObject({ code: "tinker-broken-off", resumable: true });
  });

  test.each(["saveWeights", "saveWeightsForSampler"] as const)("of %s finds what was saved", async (save) => {
    const { server, trainer, effects } = await startTraining();
    const path = save === "saveWeights" ? "/save_weights" : "/save_weights_for_sampler";
    server.fault(path, { kind: "lose-answer" });
    expect(await trainer[save]("step-1")).toMatch(/^tinker:\/\/model_\d+\/(sampler_)?weights\/step-1$/);
    expect(effects()).toEqual([path.slice(1)]);
    await expect(trainer[save]("step-1")).rejects.toThrow(/already exists/);
  });

  test("of a sample or a result costs nothing but time", async () => {
    const { server, client } = await startClient();
    server.fault("/asample", { kind: "lose-answer" });
    server.fault("/retrieve_future", { kind: "lose-answer" }, 2);
    server.fault("/retrieve_future", { kind: "status", status: 502, detail: "Bad gateway" });
    const { sequences } = await client.openSampler({ baseModel: "tiny" }).sample(request);
    expect(sequences[0]!.tokens).toEqual(Int32Array.of(7, 8));
  });

  test("of load_weights and create_model is an error, since they are not repeated", async () => {
    const { server, client, trainer } = await startTraining();
    const path = await trainer.saveWeights("a");
    server.fault("/create_model", { kind: "lose-answer" });
    const options = { baseModel: "tiny", rank: 8, seed: 1 };
    await expect(client.createModel(options)).rejects.toMatchObject({ code: "tinker-lost-answer" });
    const next = await client.createModel(options);
    server.fault("/load_weights", { kind: "lose-answer" });
    await expect(next.loadWeights(path)).rejects.toMatchObject({ code: "tinker-lost-answer", resumable: true });
    await expect(next.forwardBackward([datum], crossEntropy)).rejects.toMatchObject({ resumable: true });
  });
});

describe("a server that was restarted", () => {
  test("forgets a result: the step is not taken for done", async () => {
    const options = { notYet: 0 };
    const { server, trainer, effects } = await startTraining(options);
    options.notYet = 1e9;
    const pass = trainer.forwardBackward([datum], crossEntropy);
    const failed = expect(pass).rejects.toMatchObject({ code: "tinker-forgotten", status: 404, resumable: true });
    await expect.poll(effects).toEqual(["forward_backward"]);
    server.forget();
    await failed;
    await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-broken-off", resumable: true });
    expect(effects()).toEqual(["forward_backward"]);
  });

  test("does not know the model any more", async () => {
    const { server, trainer } = await startTraining();
    server.forget();
    const pass = trainer.forwardBackward([datum], crossEntropy);
    await expect(pass).rejects.toMatchObject({ code: "tinker-forgotten", detail: "Model not found", resumable: true });
  });

  test("says so when it gets to the work, as SkyRL does", async () => {
    const { server, trainer } = await startTraining();
    server.failWork("/optim_step", "Model model_1 not loaded");
    await trainer.forwardBackward([datum], crossEntropy);
    await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-forgotten", resumable: true });
  });

  test("samples again what it forgot", async () => {
    const options = { notYet: 1e9 };
    const { server, client } = await startClient(options);
    const sample = client.openSampler({ baseModel: "tiny" }).sample(request);
    await expect.poll(() => server.effects.length).toBe(1);
    options.notYet = 0;
    server.forget();
    expect((await sample).sequences).toHaveLength(1);
    expect(server.effects).toHaveLength(2);
  });

  test("and forgot the session is said once", async () => {
    const lines: string[] = [];
    const { server } = await startClient({}, { heartbeatMs: 1, say: (line) => lines.push(line) });
    server.forget();
    await expect.poll(() => lines).toHaveLength(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lines).toEqual([expect.stringContaining("Session not found")]);
  });
});

describe("a refusal", () => {
  test("of a loss the server lacks says which it has", async () => {
    const { trainer, effects } = await startTraining({ losses: ["cross_entropy"] });
    const policy = { ...datum, logprobs: new Float32Array(3), advantages: new Float32Array(3) };
    const results = await Promise.allSettled([
      trainer.forwardBackward([policy], { name: "cispo" }),
      trainer.optimStep(adam),
    ]);
    expect(results.map((result) => result.status === "rejected" && result.reason)).toMatchObject([
      { code: "tinker-refused", status: 422, detail: "loss_fn: Input should be cross_entropy", retryable: false },
      { code: "tinker-broken-off" },
    ]);
    expect(effects()).toEqual([]);
  });

  test("keeps the server's detail and is not tried again", async () => {
    const { server, trainer } = await startTraining();
    server.fault("/optim_step", { kind: "status", status: 400, detail: "learning_rate: too large" });
    await trainer.forwardBackward([datum], crossEntropy);
    const step = trainer.optimStep(adam);
    await expect(step).rejects.toMatchObject({ status: 400, detail: "learning_rate: too large", retryable: false });
    expect(server.requests.filter(({ path }) => path === "/optim_step")).toHaveLength(1);
  });

  test("of work that was taken ends the trainer, and a step that was sent already fails too", async () => {
    const { server, trainer, effects } = await startTraining({ notYet: 2 });
    server.failWork("/forward_backward", "out of memory");
    const results = await Promise.allSettled([
      trainer.forwardBackward([datum], crossEntropy),
      trainer.optimStep(adam),
      trainer.saveWeights("a"),
    ]);
    expect(results.map((result) => result.status === "rejected" && result.reason)).toMatchObject([
      { code: "tinker-failed", status: 400, detail: "out of memory" },
      { code: "tinker-broken-off", message: expect.stringContaining("out of memory") },
      { code: "tinker-broken-off" },
    ]);
    expect(effects()).toEqual(["forward_backward", "optim_step", "save_weights"]);
    await expect(trainer.forwardBackward([datum], crossEntropy)).rejects.toMatchObject({ code: "tinker-broken-off" });
  });

  test("because of too many requests is tried again after the time the server names", async () => {
    const waits: number[] = [];
    const clock = { ...quickClock, sleep: async (ms: number) => void waits.push(ms) };
    const { server, client } = await startClient({}, { clock, random: () => 0, heartbeatMs: 99_999 });
    const headers = { "retry-after": "7" };
    server.fault("/create_model", { kind: "status", status: 429, detail: "slow down", headers });
    await client.createModel({ baseModel: "tiny", rank: 8, seed: 1 });
    expect(waits).toContain(7000);
    expect(server.effects).toHaveLength(1);
  });

  test.each([
    { ...datum, weights: Float32Array.of(1) },
    { ...datum, weights: Float32Array.of(1, Number.NaN, 1) },
  ])("of data that make no sense comes from the client", async (data) => {
    const { trainer, effects } = await startTraining();
    await expect(trainer.forwardBackward([data], crossEntropy)).rejects.toThrow(/datum 0: weights.*nothing was sent/);
    expect(effects()).toEqual([]);
  });

  test("of a name comes before anything is sent", async () => {
    const { trainer, effects } = await startTraining();
    await expect(trainer.saveWeights("../a")).rejects.toThrow(/cannot be a name of weights/);
    expect(effects()).toEqual([]);
  });
});

describe.each(["protobuf", "json"] as const)("numbers that are none, as %s", (format) => {
  const given = { requestFormat: format } as const;

  test("in log-probabilities fail the pass and the step after it", async () => {
    const { trainer } = await startTraining({ format, logprob: (_, t) => (t === 2 ? Number.NaN : -1) }, given);
    const results = await Promise.allSettled([trainer.forwardBackward([datum], crossEntropy), trainer.optimStep(adam)]);
    expect(results.map((result) => result.status === "rejected" && result.reason)).toMatchObject([
      { code: "tinker-not-finite", message: expect.stringContaining("target 2 of datum 0 is NaN") },
      { code: "tinker-broken-off" },
    ]);
  });

  test("in a gradient norm fail the step", async () => {
    const { trainer } = await startTraining({ format, gradNorm: () => Number.NaN }, given);
    await trainer.forwardBackward([datum], crossEntropy);
    await expect(trainer.optimStep(adam)).rejects.toThrow(/grad_norm is NaN/);
    await expect(trainer.saveWeights("a")).rejects.toMatchObject({ code: "tinker-broken-off" });
  });

  test("in a sample are an error", async () => {
    const sample = () => ({ tokens: [1, 2], logprobs: [-1, Number.NaN], stopReason: "stop" as const });
    const { client } = await startClient({ format, sample });
    const sampled = client.openSampler({ baseModel: "tiny" }).sample(request);
    await expect(sampled).rejects.toMatchObject({ code: "tinker-not-finite" });
  });
});

describe("a wrong answer", () => {
  test("with too few sequences or log-probabilities is an error", async () => {
    const sample = () => ({ tokens: [1, 2], logprobs: [-1], stopReason: "stop" as const });
    const { client } = await startClient({ sample });
    const sampled = client.openSampler({ baseModel: "tiny" }).sample(request);
    await expect(sampled).rejects.toMatchObject({ code: "tinker-bad-answer" });
  });

  test("of something else than a Tinker server says so", async () => {
    const server = await startTinkerServer();
    server.fault("/create_session", { kind: "status", status: 200, detail: "hello" });
    const opened = openTinker({ baseUrl: server.url, environment: {} });
    await expect(opened).rejects.toThrow(/session_id.*Is it a Tinker server/);
    await server.close();
  });
});

describe("a key", () => {
  const apiKey = "tml-secret-key-123";

  test("comes from the environment and is sent", async () => {
    const { client } = await startClient({ apiKey }, { environment: { TINKER_API_KEY: apiKey } });
    expect(await client.capabilities()).toEqual({ models: ["tiny"] });
  });

  test("that is missing is asked for", async () => {
    const refused = startClient({ apiKey });
    await expect(refused).rejects.toThrow(/Invalid API key.*TINKER_API_KEY/);
  });

  test("is never part of an error, even if the server repeats it", async () => {
    const { server, client } = await startClient({ apiKey }, { apiKey });
    server.fault("/get_server_capabilities", { kind: "status", status: 400, detail: `key ${apiKey} is bad` });
    const error = await client.capabilities().catch((thrown: unknown) => thrown as Error & { detail: string });
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain(apiKey);
    expect((error as { detail: string }).detail).toBe("key [hidden] is bad");
  });
});

describe("an aborted signal", () => {
  test("ends the wait for a result with its reason", async () => {
    const options = { notYet: 0 };
    const { trainer, effects } = await startTraining(options);
    options.notYet = 1e9;
    const controller = new AbortController();
    const pass = trainer.forwardBackward([datum], crossEntropy, controller.signal);
    const failed = expect(pass).rejects.toThrow("enough");
    await expect.poll(effects).toHaveLength(1);
    controller.abort(new Error("enough"));
    await failed;
    await expect(trainer.optimStep(adam)).rejects.toMatchObject({ code: "tinker-broken-off" });
  });

  test("keeps a call from being sent, and the step that needed it", async () => {
    const { trainer, effects } = await startTraining();
    const pass = trainer.forwardBackward([datum], crossEntropy, AbortSignal.abort(new Error("enough")));
    const step = trainer.optimStep(adam);
    await expect(pass).rejects.toThrow("enough");
    await expect(step).rejects.toMatchObject({ code: "tinker-broken-off" });
    expect(effects()).toEqual([]);
  });
});

test("a question for a result that hangs is asked again", async () => {
  const { server, client } = await startClient({}, { timeouts: { pollMs: 100 } });
  server.fault("/retrieve_future", { kind: "slow", ms: 10_000 });
  const { sequences } = await client.openSampler({ baseModel: "tiny" }).sample(request);
  expect(sequences).toHaveLength(1);
  expect(server.requests.filter(({ path }) => path === "/retrieve_future")).toHaveLength(2);
});

test("a result that never comes is given up after the limit", async () => {
  const { client } = await startClient({ notYet: 1e9 }, { timeouts: { resultMs: 50 } });
  const sampled = client.openSampler({ baseModel: "tiny" }).sample(request);
  await expect(sampled).rejects.toMatchObject({ code: "tinker-timeout" });
});
