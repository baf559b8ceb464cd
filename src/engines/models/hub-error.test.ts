import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HubFixture, startHubFixture } from "../../../test/hub-server/hub-fixture.ts";
import { type HubServer, startHubServer } from "../../../test/hub-server/hub-server.ts";

let hub: HubServer;
let pull: HubFixture["pull"];
let close: HubFixture["close"];
beforeEach(async () => {
  ({ hub, pull, close } = await startHubFixture());
});
afterEach(() => close());

describe("what the hub refuses", () => {
  it.each([
    ["hf:o/gated-GGUF", {}, "model-gated", /HTTP 401.*Accept the licence on http.*\/o\/gated-GGUF, then set HF_TOKEN/],
    ["hf:o/gated-GGUF", { HF_TOKEN: "other" }, "model-gated", /refused for this HF_TOKEN \(HTTP 403\).*is restricted/],
    ["hf:o/m-GUF", {}, "model-not-found", /^hf:o\/m-GUF: the hub has no such thing, or it is private \(HTTP 401\)/],
    ["hf:o/m-GGUF@v9", {}, "model-not-found", /no such revision \(HTTP 404\)/],
    ["hf:o/m-GGUF/m-Q4_K_S.gguf", {}, "model-not-found", /holds no file m-Q4_K_S\.gguf\. It holds m-Q4_K_M\.gguf/],
  ])("%s %j is %s", async (spec, env, code, message) => {
    const error = await pull(spec, { env }).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("names repositories that are near", async () => {
    await expect(pull("hf:o/split")).rejects.toThrow("Near names: o/split-GGUF");
  });

  it("never shows the token", async () => {
    const errors = [
      await pull("hf:o/gated-GGUF", { env: { HF_TOKEN: "hf_hidden" } }).catch(String),
      await pull("hf:o/none", { env: { HF_TOKEN: "hf_hidden" } }).catch(String),
      await pull("hf:o/m-GGUF", { env: { HF_TOKEN: "hf_hidden\nx" } }).catch(String),
    ];
    expect(errors[2]).toContain("HF_TOKEN: holds a character");
    for (const error of errors) expect(error).not.toContain("hidden");
  });

  it("says what to do when nothing answers, and uses what was pulled from there before", async () => {
    const closed = await startHubServer({});
    await closed.close();
    await expect(pull("hf:o/m-GGUF", { hubUrl: closed.url })).rejects.toMatchObject({
      code: "hub-unreachable",
      message: expect.stringMatching(/ECONNREFUSED.*Check the network and HTTPS_PROXY, set HF_ENDPOINT/),
    });
    const model = await pull("hf:o/m-GGUF");
    const lines: string[] = [];
    expect(await pull("hf:o/m-GGUF", { hubUrl: closed.url, say: (line) => lines.push(line) })).toEqual(model);
    expect(lines[0]).toContain("Using m-Q4_K_M, pulled on");
    await expect(pull("hf:o/m-GGUF/m-Q8_0.gguf", { hubUrl: closed.url })).rejects.toMatchObject({
      code: "hub-unreachable",
    });
  });

  it("does not ask when HF_HUB_OFFLINE is set", async () => {
    await expect(pull("hf:o/m-GGUF", { env: { HF_HUB_OFFLINE: "1" } })).rejects.toThrow("HF_HUB_OFFLINE=1 forbids");
    expect(hub.seen).toEqual([]);
  });

  it("tells a page of something else from a hub", async () => {
    hub.hubStatus = 502;
    await expect(pull("hf:o/m-GGUF")).rejects.toMatchObject({ code: "hub-error", status: 502, retryable: true });
    hub.hubStatus = 418;
    await expect(pull("hf:o/m-GGUF")).rejects.toThrow(/HTTP 418\. Check HF_ENDPOINT/);
  });
});
