import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent } from "undici";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HubServer, startHubServer } from "../../../test/hub-server/hub-server.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import type { HubSpec } from "../../engines/models/model-spec.ts";
import { downloadSafetensors } from "./download-safetensors.ts";

const config = (architecture: string) => Buffer.from(JSON.stringify({ architectures: [architecture] }));
const weights = Buffer.alloc(150_000, "weights");

let hub: HubServer;
let dispatcher: Agent;
let directory = "";
beforeEach(async () => {
  directory = await temporaryFolder();
  dispatcher = new Agent();
  const files = {
    "config.json": config("Qwen3ForCausalLM"),
    "model.safetensors": weights,
    "tokenizer.json": Buffer.from("{}"),
    "README.md": Buffer.from("---\nlicense: mit\n---"),
    "onnx/model.json": Buffer.from("{}"),
    "pytorch_model.bin": Buffer.from("other weights"),
  };
  const bert = { "config.json": config("BertModel"), "model.safetensors": weights };
  hub = await startHubServer({
    "o/m": { files },
    "o/gguf": { files: { "m.gguf": weights } },
    "o/bert": { files: bert },
  });
});
afterEach(async () => {
  await dispatcher.destroy();
  await hub.close();
});

function download(repo: string, said: string[] = []) {
  const spec: HubSpec = { kind: "hf", owner: "o", repo };
  const say = (line: string) => void said.push(line);
  return downloadSafetensors(spec, { directory, env: {}, hubUrl: hub.url, dispatcher, retryDelayMs: 5, say });
}

it("brings weights, configuration and tokenizer once, and says before how large they are", async () => {
  const said: string[] = [];
  const folder = await download("m", said);
  expect((await readdir(folder!)).sort()).toEqual([
    ...["README.md", "config.json", "model.safetensors", "source.json", "tokenizer.json"],
  ]);
  expect((await readFile(join(folder!, "model.safetensors"))).equals(weights)).toBe(true);
  expect(said).toEqual([expect.stringMatching(/^Downloading hf:o\/m at commit \w{7}, 150 kB, from /)]);
  const requests = hub.seen.length;
  expect(await download("m")).toBe(folder);
  expect(hub.seen).toHaveLength(requests);
});

it("goes on where it was cut off", async () => {
  hub.faults.push({ kind: "status", status: 404 });
  await expect(download("m")).rejects.toThrow();
  const folder = await download("m");
  expect((await readFile(join(folder!, "model.safetensors"))).equals(weights)).toBe(true);
});

it("leaves repositories of GGUF files to others", async () => {
  expect(await download("gguf")).toBeUndefined();
});

it("downloads no weights that cannot be trained", async () => {
  await expect(download("bert")).rejects.toThrow("config.json: the architecture is BertModel, expected one of Llama");
  expect(hub.seen.map(({ path }) => path).filter((path) => path.includes("safetensors"))).toEqual([]);
});
