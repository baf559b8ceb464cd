import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakePip, pipCalls } from "../../../test/hub-server/fake-pip.ts";
import { type PypiSpec, parseModelSpec } from "./model-spec.ts";
import { pullModel } from "./pull-model.ts";
import type { PullOptions } from "./pull-options.ts";

let directory = "";
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "find-pip-"));
  directory = join(folder, "models");
});
afterEach(() => rm(folder, { recursive: true }));

function pull(spec: string, pip: string, options: Partial<PullOptions> = {}) {
  const env = { PATH: process.env.PATH, CERM_PIP: pip };
  return pullModel(parseModelSpec(spec) as PypiSpec, { directory, env, ...options });
}

describe("a pip that fails", () => {
  it.each([
    [
      "ERROR: Could not find a version that satisfies\\nERROR: No matching distribution found for x",
      "model-not-found",
      /exit code 1\): ERROR: Could.*check its name/,
    ],
    [
      "WARNING: Retrying after connection broken\\nERROR: No matching distribution found",
      "pip-failed",
      /pip config list/,
    ],
    ["ERROR: [Errno 28] No space left on device", "no-space", /Make room/],
    ["Traceback: boom", "pip-failed", /boom\. Run that command by hand/],
  ])("with %j", async (output, code, message) => {
    const pip = await fakePip(folder, `console.error("${output}"); process.exitCode = 1;`);
    const error = await pull("pypi:llm-tiny", pip).catch((error: unknown) => error);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await readdir(directory)).toEqual([]);
  });

  it("because there is none", async () => {
    await expect(pull("pypi:llm-tiny", join(folder, "no such pip"))).rejects.toMatchObject({
      code: "pip-failed",
      message: expect.stringMatching(/no pip works here; tried .*no such pip \(ENOENT\).*set CERM_PIP/),
    });
    const env = { PATH: folder };
    await expect(pullModel({ kind: "pypi", package: "x" }, { directory, env })).rejects.toThrow(
      /tried python3 -m pip \(ENOENT\).*pip3 \(ENOENT\)/,
    );
  });

  it("is ended when the pull is aborted", async () => {
    const controller = new AbortController();
    const pip = await fakePip(folder, "setInterval(() => {}, 1000);");
    const outcome = expect(pull("pypi:llm-tiny", pip, { signal: controller.signal })).rejects.toThrow("enough");
    await expect.poll(() => pipCalls(folder).catch(() => [])).toHaveLength(1);
    controller.abort(new Error("enough"));
    await outcome;
    expect(await readdir(directory)).toEqual([]);
  });
});

it("finds a program whose path holds spaces", async () => {
  await mkdir(join(folder, "my tools"));
  const path = join(folder, "my tools", "pip");
  await writeFile(path, "#!/bin/sh\necho refused here >&2\nexit 3\n", { mode: 0o755 });
  await expect(pull("pypi:llm-tiny", path)).rejects.toThrow("pip (refused here)");
});
