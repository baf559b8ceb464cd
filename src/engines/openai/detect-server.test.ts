import { afterEach, describe, expect, it } from "vitest";
import { testRequest } from "../../../test/stub-server/fixtures.ts";
import { type StubOptions, type StubServer, startStubServer } from "../../../test/stub-server/index.ts";
import type { Form } from "../../core/form.ts";
import { createOpenAIEngine } from "./create-openai-engine.ts";
import type { OpenAIEngineOptions } from "./options.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function make(stubOptions: StubOptions, options: Partial<OpenAIEngineOptions> = {}) {
  const stub: StubServer = await startStubServer({ keepRequests: true, ...stubOptions });
  open.push(stub);
  const engine = await createOpenAIEngine({ baseUrl: `${stub.url}/v1/`, environment: {}, ...options });
  open.push(engine);
  return { stub, engine };
}

const form: Form = {
  parts: [
    { kind: "free", name: "why", maxTokens: 10, stop: ["\n"] },
    { kind: "fixed", text: "\nOverall \\boxed{" },
    { kind: "choice", name: "score", options: ["0", "0.5", "1"] },
    { kind: "fixed", text: "}" },
  ],
};
const regex = "[^\\n]{1,60}\\nOverall \\\\boxed\\{(0|0\\.5|1)\\}";
const grammar = 'root ::= p1 "\\nOverall \\\\boxed{" ("0" | "0.5" | "1") "}"\np1 ::= [^\\x0a]{1,60}\n';

describe("the dialect", () => {
  it.each([
    ["vllm", { ownedBy: "vllm" }, { structured_outputs: { regex } }],
    ["vllm before 0.11", { ownedBy: "vllm", version: "0.10.2" }, { guided_regex: regex }],
    ["vllm from 0.11", { ownedBy: "vllm", version: "0.11.0" }, { structured_outputs: { regex } }],
    ["sglang", { ownedBy: "sglang" }, { regex }],
    ["llama-server", { ownedBy: "llamacpp" }, { grammar }],
    ["llama-server by its properties", { props: { default_generation_settings: {} } }, { grammar }],
  ] as [string, StubOptions, object][])("is found: %s", async (_, stubOptions, members) => {
    const { stub, engine } = await make(stubOptions);
    expect(engine.capabilities.forms).toBe("grammar");
    await engine.generate(testRequest({ form, maxTokens: 10 }));
    const body = stub.requests.at(-1)!.body!;
    expect(body).toMatchObject(members);
    // Room for 60 characters of free text, and on top for fixed text and choices.
    expect(body.max_tokens).toBe(60 + 4 + 9);
  });

  it("of an unknown server is plain: no form is sent", async () => {
    const { stub, engine } = await make({});
    expect(engine.capabilities.forms).toBe("none");
    await engine.generate(testRequest({ form }));
    expect(Object.keys(stub.requests.at(-1)!.body!).sort()).toEqual(["max_tokens", "messages", "model", "temperature"]);
  });

  it("openai sends a strict schema and puts the form's text together", async () => {
    const { stub, engine } = await make({}, { dialect: "openai" });
    const [generation] = await engine.generate(testRequest({ form, logprobs: true, stop: ["\n\n"] }));
    const { body } = stub.requests.at(-1)!;
    expect(body!.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { strict: true, schema: { required: ["why", "score"] } },
    });
    expect(body).not.toHaveProperty("stop");
    expect(generation!.text).toBe("stub text\nOverall \\boxed{0}");
    // The tokens of the JSON are not those of the text.
    expect(generation).not.toHaveProperty("tokens");
  });

  it("openai keeps the model's own text where the server ignored the schema, and refuses JSON of another shape", async () => {
    const { engine } = await make({ reply: () => "So: \\boxed{1}" }, { dialect: "openai" });
    expect((await engine.generate(testRequest({ form })))[0]!.text).toBe("So: \\boxed{1}");
    const other = await make({ reply: () => '{"why":"a","score":"9"}' }, { dialect: "openai" });
    await expect(other.engine.generate(testRequest({ form }))).rejects.toMatchObject({ code: "schema-mismatch" });
  });

  it("openai sends four stops at most and holds the others itself", async () => {
    const { stub, engine } = await make({ reply: () => "one five two" }, { dialect: "openai" });
    const stop = ["q", "w", "r", "z", "five"];
    expect((await engine.generate(testRequest({ stop })))[0]!.text).toBe("one ");
    expect(stub.requests.at(-1)!.body!.stop).toEqual(["q", "w", "r", "z"]);
  });
});

describe("the model", () => {
  it("has to be chosen where there are several", async () => {
    await expect(make({ models: [{ id: "base" }, { id: "adapter" }] })).rejects.toThrow(
      /serves 2 models.*base, adapter/,
    );
  });

  it("is not asked for where model and dialect are given", async () => {
    const { stub, engine } = await make({}, { model: "mine", dialect: "plain" });
    expect(engine.identity.model).toBe("mine");
    expect(stub.requests).toEqual([]);
  });

  it("may be given for a server without a list", async () => {
    const respond: StubOptions["respond"] = (call) => (call.method === "GET" ? { status: 404, body: "no" } : undefined);
    const { engine } = await make({ respond }, { model: "mine" });
    await expect(engine.generate(testRequest())).resolves.toHaveLength(1);
    await expect(make({ respond })).rejects.toMatchObject({ status: 404 });
  });

  it("cannot be told from a list that is none", async () => {
    await expect(make({ respond: () => ({ body: "<html>" }) })).rejects.toMatchObject({ code: "no-models" });
  });
});

it("wrong options are named", async () => {
  const wrong = (options: object) => createOpenAIEngine({ baseUrl: "http://localhost:1", environment: {}, ...options });
  await expect(wrong({ maxAttempts: 0 })).rejects.toThrow(/maxAttempts: is 0/);
  await expect(wrong({ timeouts: { totalMs: 1.5 } })).rejects.toThrow(/timeouts.totalMs: is 1.5/);
  await expect(wrong({ dialect: "tgi" })).rejects.toThrow(/dialect: is "tgi"/);
  await expect(wrong({ baseUrl: "localhost:8000" })).rejects.toThrow(/baseUrl/);
});
