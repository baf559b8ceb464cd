import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { EngineError, InputError } from "../../core/errors.ts";
import type { Engine, Generation } from "../engine.ts";
import { recordEngine } from "./record-engine.ts";
import { replayEngine } from "./replay-engine.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-replay-"));
  file = join(directory, "recording.jsonl");
});
afterEach(() => rm(directory, { recursive: true }));

function countingEngine(model = "judge-1"): Engine {
  let count = 0;
  return {
    identity: { engine: "openai", model },
    capabilities: { forms: "native", logprobs: true, sharedPrefix: true, tokens: true },
    concurrency: 3,
    generate: async (request) => {
      if (request.maxTokens === 1) throw new EngineError("no", { retryable: false });
      const generation: Generation = {
        text: `answer ${++count} – größer\u2028`,
        finishReason: "stop",
        usage: { promptTokens: 3, cachedPromptTokens: 1, outputTokens: 2 },
        tokens: [{ id: 5, text: "answer", logprob: -0.5, top: [{ id: 6, text: "a", logprob: -1 }] }],
        choices: [{ name: "s", offset: 1, chosen: "1", options: ["1", "2"], probabilities: [0.75, 0.25], mass: 0.9 }],
        milliseconds: 12,
      };
      return [generation];
    },
    close: async () => {},
  };
}

const other = testRequest({ messages: [{ role: "user", content: "Other?" }], affinity: "x" });

async function record(requests = [testRequest(), other, testRequest()]): Promise<Generation[][]> {
  const engine = await recordEngine(countingEngine(), file);
  const results: Generation[][] = [];
  for (const request of requests) results.push(await engine.generate(request));
  await engine.close();
  return results;
}

describe("a recording", () => {
  it("replays everything, in the recorded order, then its last answer again", async () => {
    const recorded = await record();
    const engine = await replayEngine(file);
    expect(engine.identity).toEqual({ engine: "openai", model: "judge-1" });
    expect(engine.capabilities).toEqual(countingEngine().capabilities);
    expect(await engine.generate(testRequest())).toEqual(recorded[0]);
    expect(await engine.generate(testRequest())).toEqual(recorded[2]);
    expect(await engine.generate(testRequest())).toEqual(recorded[2]);
    expect(await engine.generate({ ...other, affinity: "another" })).toEqual(recorded[1]);
  });

  it("is not changed by what is done to a replayed answer", async () => {
    const [recorded] = await record([testRequest()]);
    const engine = await replayEngine(file);
    const [first] = await engine.generate(testRequest());
    first!.text = "changed";
    expect(await engine.generate(testRequest())).toEqual(recorded);
  });

  it("has no answer for another request, and says for which", async () => {
    await record();
    const engine = await replayEngine(file);
    const error = await engine.generate(testRequest({ seed: 8 })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: "not-recorded", retryable: false });
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).toMatch(/request [0-9a-f]{16} .*What is good about tea\?/);
  });

  it("holds no failures", async () => {
    const engine = await recordEngine(countingEngine(), file);
    await expect(engine.generate(testRequest({ maxTokens: 1 }))).rejects.toThrow("no");
    await engine.close();
    expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(1);
  });

  it("is in the file when generate resolves, also for many at once", async () => {
    const engine = await recordEngine(countingEngine(), file);
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const [generation] = await engine.generate(testRequest({ seed: index }));
        expect(await readFile(file, "utf8")).toContain(JSON.stringify(generation!.text));
      }),
    );
    await engine.close();
    expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(51);
  });

  it("is continued after a kill that cut its last line off", async () => {
    const recorded = await record();
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, -30));
    expect(await (await replayEngine(file)).generate(testRequest())).toEqual(recorded[0]);
    await record([testRequest({ seed: 99 })]);
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    expect(lines.slice(0, 3)).toEqual(whole.split("\n").slice(0, 3));
    await expect((await replayEngine(file)).generate(testRequest({ seed: 99 }))).resolves.toHaveLength(1);
  });

  it("starts again where not even its head was written", async () => {
    await writeFile(file, '{"recording":1,"iden');
    await record([testRequest()]);
    await expect((await replayEngine(file)).generate(testRequest())).resolves.toHaveLength(1);
  });

  it.each([
    ["no JSON", "{oops\n", /line 3: is not a recorded exchange \(not JSON\)/],
    ["no exchange", '{"key":"a","generations":[{"text":3}]}\n', /line 3: .*generations.0.text/],
  ])("with a broken line in it is an error: %s", async (_, line, message) => {
    await record([testRequest()]);
    await appendFile(file, line);
    for (const made of [replayEngine(file), recordEngine(countingEngine(), file)]) {
      const error = await made.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(InputError);
      expect(error).toMatchObject({ where: { file, line: 3 }, message: expect.stringMatching(message) });
    }
  });

  it("of another engine is not continued", async () => {
    await record();
    await expect(recordEngine(countingEngine("judge-2"), file)).rejects.toThrow(/judge-1.*judge-2/);
  });

  it("that is missing, empty or something else is an error", async () => {
    await expect(replayEngine(join(directory, "none.jsonl"))).rejects.toThrow(/no such recording/);
    await writeFile(file, "");
    await expect(replayEngine(file)).rejects.toThrow(/empty/);
    await writeFile(file, '{"query":"a"}\n');
    await expect(replayEngine(file)).rejects.toThrow(/line 1: is not the head/);
  });
});
