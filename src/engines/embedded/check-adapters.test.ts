import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeGguf } from "../../../test/hub-server/fake-gguf.ts";
import { checkAdapters } from "./check-adapters.ts";

let folder = "";
const path = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cerm-adapters-"));
  await writeFile(path("adapter.gguf"), fakeGguf({ type: "adapter" }));
  await writeFile(path("old.gguf"), fakeGguf());
  await writeFile(path("model.gguf"), fakeGguf({ type: "model" }));
  await writeFile(path("text.gguf"), "no adapter");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("adapters pass, those of older files too, which do not say what they are", async () => {
  await checkAdapters([]);
  await checkAdapters([{ path: path("adapter.gguf") }, { path: path("old.gguf") }]);
});

test.each([
  [["missing.gguf"], /missing\.gguf, lora: no such file; expected a LoRA adapter/],
  [["text.gguf"], /text\.gguf, lora: .*expected a LoRA adapter/],
  [["model.gguf"], /model\.gguf, lora: is a model, expected a LoRA adapter/],
  [["adapter.gguf", "./adapter.gguf"], /adapter\.gguf, lora: is given twice; give it once, with the sum of the scales/],
])("%j is refused as bad input", async (names, message) => {
  const refused = checkAdapters(names.map((name) => ({ path: path(name) })));
  await expect(refused).rejects.toThrow(message);
  await expect(refused).rejects.toMatchObject({ code: "bad-input" });
});
