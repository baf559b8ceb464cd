import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { runCli } from "../../../test/run-cli.ts";

const home = cliHome();

test("list on a fresh machine says what to do, then shows what was pulled", async () => {
  expect(await runCli(["models", "list"])).toMatchObject({ code: 0, out: ["No models yet: cerm models pull auto"] });
  expect((await runCli(["models", "list", "--json"])).json()).toEqual([[]]);
  const path = join(home.path, "Tiny-Judge.gguf");
  await writeFile(path, fakeGguf({ parameters: 2e9 }));
  const pulled = await runCli(["models", "pull", `file:${path}`]);
  expect(pulled.code).toBe(0);
  expect(pulled.out[0]).toMatch(/^Tiny-Judge {2}[\d.]+ kB {2}.*Tiny-Judge\.gguf$/);
  const { out } = await runCli(["models", "list"]);
  expect(out[0]).toMatch(/^NAME +SIZE +WEIGHTS +CONTEXT +SOURCE\nTiny-Judge +[\d.]+ kB +2\.0B +8192 +file:/);
  expect((await runCli(["models", "list", "--json"])).json()).toMatchObject([[{ name: "Tiny-Judge" }]]);
  await writeFile(path, "gone");
  const broken = await runCli(["models", "list"]);
  expect(broken.notes).toEqual([expect.stringMatching(/^warning: Tiny-Judge: its file .* was changed$/)]);
});

test("a spec that is none, and a file that is not there", async () => {
  expect(await runCli(["models", "pull", "owner/repo"])).toMatchObject({
    ...{ code: 2, notes: [expect.stringContaining("hf:owner/repo")] },
  });
  const missing = await runCli(["models", "pull", "file:/no/such.gguf"]);
  expect(missing.code).toBeGreaterThan(0);
  expect(missing.notes.join()).toContain("/no/such.gguf");
});
