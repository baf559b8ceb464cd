import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";
import { expect } from "vitest";
import { type HubSpec, parseModelSpec } from "../../src/engines/models/model-spec.ts";
import { pullModel } from "../../src/engines/models/pull-model.ts";
import type { PullOptions, PullProgress } from "../../src/engines/models/pull-options.ts";
import type { PulledModel } from "../../src/engines/models/pulled-model.ts";
import { fakeGguf } from "./fake-gguf.ts";
import { type HubServer, type SeenRequest, startHubServer } from "./hub-server.ts";

export const q4 = fakeGguf({ dataBytes: 300_000, seed: 4, license: "apache-2.0" });
export const q8 = fakeGguf({ dataBytes: 50_000, seed: 8 });
export const shards = [1, 2, 3].map((seed) => fakeGguf({ dataBytes: 20_000, seed, parameters: 8e9 }));

/** A hub with models of every kind, a models directory, and pulls from the one into the other. */
export interface HubFixture {
  hub: HubServer;
  directory: string;
  pull(spec: string, options?: Partial<PullOptions>): Promise<PulledModel>;
  /** The requests that the storage host has seen. */
  storage(): SeenRequest[];
  close(): Promise<void>;
}

export async function startHubFixture(): Promise<HubFixture> {
  const directory = await mkdtemp(join(tmpdir(), "hub-fixture-"));
  const dispatcher = new Agent();
  const split = shards.map((bytes, index) => [`Q6_K/big-Q6_K-0000${index + 1}-of-00003.gguf`, bytes]);
  const hub = await startHubServer({
    "o/m-GGUF": {
      files: { "README.md": Buffer.from("# m"), "m-Q8_0.gguf": q8, "m-Q4_K_M.gguf": q4 },
      license: "mit",
      revisions: ["v1", "refs/pr/2"],
    },
    "o/split-GGUF": { files: Object.fromEntries(split) },
    "o/gated-GGUF": { files: { "g-Q4_0.gguf": q8 }, gated: true },
    "p/other-GGUF": { files: { "m-Q4_K_M.gguf": q8 } },
    "o/page-GGUF": { files: { "page.gguf": Buffer.from("<html>this is a page and not a model at all</html>") } },
  });
  return {
    hub,
    directory,
    pull: (spec, options = {}) => {
      const onProgress = (progress: PullProgress) => {
        hub.received(progress.doneBytes);
        options.onProgress?.(progress);
      };
      const defaults = { directory, dispatcher, env: {}, hubUrl: hub.url, retryDelayMs: 5 };
      return pullModel(parseModelSpec(spec) as HubSpec, { ...defaults, ...options, onProgress });
    },
    storage: () => hub.seen.filter((request) => request.host === "storage"),
    close: async () => {
      await dispatcher.destroy();
      await hub.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Not `toEqual`, which takes a second for two large buffers. */
export async function expectBytes(path: string, bytes: Buffer): Promise<void> {
  expect((await readFile(path)).equals(bytes)).toBe(true);
}
