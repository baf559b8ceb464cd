import { afterEach } from "vitest";
import { createOpenAIEngine, type OpenAIEngine } from "../../src/engines/openai/create-openai-engine.ts";
import type { OpenAIEngineOptions } from "../../src/engines/openai/options.ts";
import { testClock } from "./fixtures.ts";
import { type StubOptions, type StubResponse, type StubServer, startStubServer } from "./index.ts";

/** Closed after every test. */
export const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A stub that keeps its requests and an engine on it whose clock does not wait. */
export async function stubAndEngine(
  stubOptions: StubOptions = {},
  options: Partial<OpenAIEngineOptions> = {},
): Promise<{ stub: StubServer; engine: OpenAIEngine; clock: ReturnType<typeof testClock> }> {
  const stub = await startStubServer({ keepRequests: true, ...stubOptions });
  open.push(stub);
  const clock = testClock();
  const engine = await createOpenAIEngine({ baseUrl: stub.url, environment: {}, clock, random: () => 0.5, ...options });
  open.push(engine);
  return { stub, engine, clock };
}

/** Answers completions with the given responses one after the other, then leaves them to the stub. */
export function scripted(...responses: StubResponse[]): StubOptions["respond"] {
  let at = 0;
  return (call) => (call.body === undefined ? undefined : responses[at++]);
}

export const completion = (choices: unknown, usage?: unknown): StubResponse => ({ body: { choices, usage } });
export const said = (content: unknown, more: object = {}) => ({
  message: { role: "assistant", content },
  finish_reason: "stop",
  ...more,
});
export const bodies = (stub: StubServer) => stub.requests.flatMap((call) => call.body ?? []);
