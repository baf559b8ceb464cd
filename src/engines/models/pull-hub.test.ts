import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectBytes, type HubFixture, q4, q8, shards, startHubFixture } from "../../../test/hub-server/hub-fixture.ts";
import { commitOf, type HubServer } from "../../../test/hub-server/hub-server.ts";
import { findModel, listModels } from "./model-index.ts";
import type { PullProgress } from "./pull-options.ts";

let hub: HubServer;
let directory = "";
let pull: HubFixture["pull"];
let storage: HubFixture["storage"];
let close: HubFixture["close"];
beforeEach(async () => {
  ({ hub, directory, pull, storage, close } = await startHubFixture());
});
afterEach(() => close());

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("a pull from the hub", () => {
  it("takes the preferred quantisation, pinned to the commit, checked and recorded", async () => {
    const progress: PullProgress[] = [];
    const lines: string[] = [];
    const now = () => new Date("2026-01-02T03:04:05Z");
    const model = await pull("hf:o/m-GGUF", {
      onProgress: (step) => progress.push(step),
      say: (line) => lines.push(line),
      now,
    });
    const commit = commitOf(hub.repos["o/m-GGUF"]!);
    expect(model).toEqual({
      ...{ name: "m-Q4_K_M", path: join(directory, "m-Q4_K_M", "m-Q4_K_M.gguf"), bytes: q4.length, sha256: sha256(q4) },
      ...{ source: `hf:o/m-GGUF/m-Q4_K_M.gguf@${commit}`, pulledAt: "2026-01-02T03:04:05.000Z", license: "mit" },
      ...{ architecture: "llama", parameterCount: 4e9, contextLength: 8192 },
    });
    await expectBytes(model.path, q4);
    expect(await findModel("M-q4_k_m", directory)).toEqual(model);
    expect(hub.seen.some((request) => request.path === `/o/m-GGUF/resolve/${commit}/m-Q4_K_M.gguf`)).toBe(true);
    expect(lines).toEqual([`Downloading m-Q4_K_M, 301 kB, from ${hub.url} (${model.source}).`]);
    expect(progress.at(-1)).toEqual({
      phase: "download",
      file: "m-Q4_K_M.gguf",
      doneBytes: q4.length,
      totalBytes: q4.length,
    });
    expect((await readdir(directory)).sort()).toEqual(["m-Q4_K_M", "m-Q4_K_M.json"]);
    expect(await readdir(join(directory, "m-Q4_K_M"))).toEqual(["m-Q4_K_M.gguf"]);
  });

  it("downloads nothing a second time, and replaces a file that changed on the hub", async () => {
    await pull("hf:o/m-GGUF");
    await pull("hf:o/m-GGUF", { say: () => expect.unreachable("nothing is downloaded") });
    expect(storage()).toHaveLength(1);
    hub.repos["o/m-GGUF"]!.files["m-Q4_K_M.gguf"] = q8;
    expect((await pull("hf:o/m-GGUF")).sha256).toBe(sha256(q8));
    expect(await listModels(directory)).toHaveLength(1);
  });

  it("takes a named file at a named revision", async () => {
    expect((await pull("hf:o/m-GGUF/m-Q8_0.gguf@refs/pr/2")).sha256).toBe(sha256(q8));
    expect(hub.seen[0]!.path).toContain("/revision/refs%2Fpr%2F2?blobs=true");
  });

  it("takes every shard, by any shard's name", async () => {
    const model = await pull("hf:o/split-GGUF/Q6_K/big-Q6_K-00002-of-00003.gguf");
    expect(model).toMatchObject({
      name: "big-Q6_K",
      parameterCount: 24e9,
      bytes: shards.reduce((sum, shard) => sum + shard.length, 0),
    });
    expect(model.path).toMatch(/big-Q6_K-00001-of-00003\.gguf$/);
    expect((await readdir(join(directory, "big-Q6_K"))).sort()).toEqual(
      [1, 2, 3].map((n) => `big-Q6_K-0000${n}-of-00003.gguf`),
    );
    expect((await pull("hf:o/split-GGUF")).sha256).toBe(model.sha256);
  });

  it("keeps models of one file name from two repositories apart", async () => {
    const first = await pull("hf:o/m-GGUF");
    const second = await pull("hf:p/other-GGUF");
    expect(second.name).toBe("p--other-GGUF--m-Q4_K_M");
    await expectBytes(first.path, q4);
    await expectBytes(second.path, q8);
  });

  it("sends the token to the hub and to no other host", async () => {
    await pull("hf:o/gated-GGUF", { env: { HF_TOKEN: " granted\n" } });
    for (const request of hub.seen)
      expect(request.headers.authorization).toBe(request.host === "hub" ? "Bearer granted" : undefined);
    expect(storage()).toHaveLength(1);
  });

  it("asks the hub of HF_ENDPOINT", async () => {
    await pull("hf:o/m-GGUF", { hubUrl: undefined, env: { HF_ENDPOINT: `${hub.url}/` } });
    expect(storage()).toHaveLength(1);
    await expect(pull("hf:o/m-GGUF", { hubUrl: undefined, env: { HF_ENDPOINT: "mirror" } })).rejects.toThrow(
      'HF_ENDPOINT: got "mirror"',
    );
  });
});

describe("two pulls of one model at once", () => {
  it("download once; the other waits and gets the same", async () => {
    hub.faults.push({ kind: "hold" });
    const phases: string[] = [];
    const first = pull("hf:o/m-GGUF");
    await expect.poll(() => storage().length).toBe(1);
    const second = pull("hf:o/m-GGUF", { lock: { pollMs: 5 }, onProgress: ({ phase }) => phases.push(phase) });
    await expect.poll(() => phases).toEqual(["wait"]);
    hub.release();
    expect(await second).toEqual(await first);
    expect(storage()).toHaveLength(1);
  });

  it("or the other is refused, with the process that pulls", async () => {
    hub.faults.push({ kind: "hold" });
    const first = pull("hf:o/m-GGUF");
    await expect.poll(() => storage().length).toBe(1);
    await expect(pull("hf:o/m-GGUF", { lock: { wait: false } })).rejects.toMatchObject({
      code: "model-busy",
      message: expect.stringContaining(`process ${process.pid} on `),
    });
    hub.release();
    await first;
  });
});
