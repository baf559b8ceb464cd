import { createHash } from "node:crypto";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectBytes, type HubFixture, q4, q8, startHubFixture } from "../../../test/hub-server/hub-fixture.ts";
import type { HubServer } from "../../../test/hub-server/hub-server.ts";
import { listModels } from "./model-index.ts";

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

describe("a download that fails", () => {
  it("goes on by Range and If-Match where the connection was cut", async () => {
    hub.faults.push({ kind: "cut", after: 100_000 }, { kind: "cut", after: 50_000 });
    const model = await pull("hf:o/m-GGUF");
    await expectBytes(model.path, q4);
    const ranges = storage().map((request) => Number(/\d+/.exec(request.headers.range ?? "")?.[0] ?? 0));
    expect(ranges[0]).toBe(0);
    expect(ranges[1]).toBeGreaterThan(0);
    expect(ranges[2]).toBeGreaterThan(ranges[1]!);
    expect(storage()[1]!.headers["if-match"]).toMatch(/^"[0-9a-f]{32}"$/);
  });

  it("keeps what came for the next call, which asks for the rest only", async () => {
    hub.faults.push({ kind: "cut", after: 100_000 });
    await expect(pull("hf:o/m-GGUF", { attempts: 1 })).rejects.toThrow(
      /100 kB of 301 kB are kept: the same command goes on/,
    );
    expect(await listModels(directory)).toEqual([]);
    const lines: string[] = [];
    const model = await pull("hf:o/m-GGUF", { say: (line) => lines.push(line) });
    await expectBytes(model.path, q4);
    expect(storage()[1]!.headers.range).toBe("bytes=100000-");
    expect(lines[0]).toContain("; 100 kB are here already");
  });

  it.each([
    [
      "the file's ETag is another (412)",
      () => {
        hub.etagSalt = "x";
      },
    ],
    ["the server ignores the range (200)", () => void hub.faults.push({ kind: "ignore-range" })],
    ["the range cannot be had (416)", () => void hub.faults.push({ kind: "status", status: 416 })],
  ])("begins anew where %s", async (_what, change) => {
    hub.faults.push({ kind: "cut", after: 100_000 });
    await expect(pull("hf:o/m-GGUF", { attempts: 1 })).rejects.toMatchObject({ code: "hub-unreachable" });
    change();
    await expectBytes((await pull("hf:o/m-GGUF")).path, q4);
  });

  it("does not go on with the part of another file", async () => {
    hub.faults.push({ kind: "cut", after: 40_000 });
    await expect(pull("hf:o/m-GGUF", { attempts: 1 })).rejects.toThrow();
    hub.repos["o/m-GGUF"]!.files["m-Q4_K_M.gguf"] = q8;
    await expectBytes((await pull("hf:o/m-GGUF")).path, q8);
    expect(storage()[1]!.headers.range).toBeUndefined();
  });

  it("tries again after 503 and 429, and gives up after some tries", async () => {
    hub.faults.push({ kind: "status", status: 503 }, { kind: "status", status: 429 });
    await pull("hf:o/m-GGUF");
    expect(storage()).toHaveLength(3);
    hub.faults.push(...Array.from({ length: 3 }, () => ({ kind: "status", status: 500 }) as const));
    await expect(pull("hf:o/m-GGUF/m-Q8_0.gguf", { attempts: 3 })).rejects.toThrow(
      "m-Q8_0.gguf: HTTP 500. Try again later",
    );
    expect(storage()).toHaveLength(6);
  });

  it("waits as long as Retry-After says", async () => {
    hub.faults.push({ kind: "status", status: 503, retryAfter: 0.2 });
    const start = performance.now();
    await pull("hf:o/m-GGUF");
    expect(performance.now() - start).toBeGreaterThan(195);
  });

  it("removes a file whose hash is wrong, and says so", async () => {
    hub.faults.push({ kind: "corrupt" });
    await expect(pull("hf:o/m-GGUF")).rejects.toMatchObject({
      code: "hash-mismatch",
      message: expect.stringMatching(new RegExp(`promised ${sha256(q4)}. The bad file was removed. Pull again`)),
    });
    expect(await readdir(join(directory, "m-Q4_K_M"))).toEqual([]);
    expect(await listModels(directory)).toEqual([]);
    expect((await pull("hf:o/m-GGUF")).sha256).toBe(sha256(q4));
  });

  it("does not write more than was promised", async () => {
    hub.faults.push({ kind: "longer" });
    await expect(pull("hf:o/m-GGUF")).rejects.toThrow(`more bytes come than the ${q4.length}`);
  });

  it("checks the room before it begins, less what is here already", async () => {
    hub.faults.push({ kind: "cut", after: 100_000 });
    await expect(pull("hf:o/m-GGUF", { attempts: 1 })).rejects.toThrow();
    const freeBytes = async () => q4.length - 100_001;
    await expect(pull("hf:o/m-GGUF", { freeBytes })).rejects.toMatchObject({
      code: "no-space",
      message: expect.stringMatching(/201 kB are needed and 201 kB are free.*CERM_HOME/),
    });
    expect(storage()).toHaveLength(1);
    await pull("hf:o/m-GGUF", { freeBytes: async () => q4.length - 100_000 });
  });

  it("stops at once when it is aborted, and keeps the part", async () => {
    hub.faults.push({ kind: "cut", after: 100_000 }, { kind: "hold" });
    const controller = new AbortController();
    const running = pull("hf:o/m-GGUF", { signal: controller.signal });
    const outcome = expect(running).rejects.toThrow("enough");
    await expect.poll(() => storage().length).toBe(2);
    controller.abort(new Error("enough"));
    await outcome;
    expect((await stat(join(directory, "m-Q4_K_M", "m-Q4_K_M.gguf.part"))).size).toBe(100_000);
    expect((await readdir(directory)).filter((name) => name.endsWith(".lock"))).toEqual([]);
  });

  it("uses a file that is complete and has no record, without a download", async () => {
    const model = await pull("hf:o/m-GGUF");
    await rm(join(directory, "m-Q4_K_M.json"));
    expect((await pull("hf:o/m-GGUF")).sha256).toBe(model.sha256);
    expect(storage()).toHaveLength(1);
    await rm(join(directory, "m-Q4_K_M.json"));
    await writeFile(model.path, Buffer.alloc(q4.length));
    await expectBytes((await pull("hf:o/m-GGUF")).path, q4);
    expect(storage()).toHaveLength(2);
  });

  it("refuses a file that is no model, and removes it", async () => {
    await expect(pull("hf:o/page-GGUF")).rejects.toMatchObject({
      code: "not-gguf",
      message: expect.stringContaining("page.gguf of the hub is no model"),
    });
    expect(await readdir(join(directory, "page"))).toEqual([]);
  });
});
