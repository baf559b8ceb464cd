import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configDirectory, loadConfig } from "./config.ts";
import { InputError } from "./errors.ts";

let home = "";
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "config-"));
});
afterAll(() => rm(home, { recursive: true }));

async function put(name: string, content: unknown): Promise<string> {
  const path = join(home, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("loadConfig", () => {
  it("reads every field", async () => {
    const config = {
      ...{ model: "hf:o/r", engine: "openai", baseUrl: ["http://a:8000/v1", "https://b/v1"], pack: "compact" },
      ...{ mode: "implicit", score: "expected", store: "file:cerm.db" },
    };
    expect(await loadConfig({ file: await put("all.json", config), env: {} })).toEqual(config);
    expect(await loadConfig({ file: await put("bom.json", '\uFEFF{"baseUrl": "http://a/v1"}'), env: {} })).toEqual({
      baseUrl: "http://a/v1",
    });
  });

  it("takes the file that is named, else CERM_CONFIG, else the one of the user's directory, which may be missing", async () => {
    const env = { XDG_CONFIG_HOME: join(home, "xdg") };
    expect(await loadConfig({ env })).toEqual({});
    await put("xdg/cerm/config.json", { model: "from-directory" });
    const other = { ...env, CERM_CONFIG: await put("env.json", { model: "from-variable" }) };
    expect(await loadConfig({ env })).toEqual({ model: "from-directory" });
    expect(await loadConfig({ env: other })).toEqual({ model: "from-variable" });
    expect(await loadConfig({ env: other, file: await put("file.json", { model: "from-file" }) })).toEqual({
      model: "from-file",
    });
    await expect(loadConfig({ env: { CERM_CONFIG: join(home, "none.json") } })).rejects.toThrow(
      "none.json: no such file",
    );
    await expect(loadConfig({ env, file: home })).rejects.toThrow("cannot be read");
  });

  it.each([
    ['{"modle": "x"}', "modle: unknown; expected one of model, engine, baseUrl, pack, mode, score, store"],
    ['{"engine": "vllm"}', /engine: .*"embedded"\|"openai"/],
    ['{"baseUrl": "localhost:8000"}', "baseUrl: "],
    ['{"baseUrl": []}', "baseUrl: "],
    ['{"model": ""}', "model: "],
    ["[]", "expected object"],
    ['{"model": "x",\n  oops}', "line 2: not JSON: "],
    ["", "not JSON: "],
  ])("refuses %s", async (content, message) => {
    const file = await put("bad.json", content);
    const error = await loadConfig({ file, env: {} }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
    expect((error as InputError).where.file).toBe(file);
  });

  it.each([
    ['{"apiKey": "hidden"}', "apiKey: keys do not belong in a file; set them in the environment"],
    ['{"api_key": "hidden"}', "api_key: keys"],
    ['{"headers": {"Authorization": "hidden"}}', "headers.Authorization: keys"],
    ['{"HF_TOKEN": "hidden"}', "HF_TOKEN: keys"],
    ['{"baseUrl": "https://me:hidden@host/v1"}', "keys come from the environment"],
    ['{"apiKey": "hidden" "model": 1}', "not JSON"],
    ['{"apiKey": hidden}', "not JSON"],
  ])("refuses the key in %s, and does not show it", async (content, message) => {
    const error = await loadConfig({ file: await put("key.json", content), env: {} }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(message);
    expect((error as InputError).message).not.toContain("hidden");
  });
});

it.each([
  [{ HOME: "/h", XDG_CONFIG_HOME: "/x" }, "linux", "/x/cerm"],
  [{ HOME: "/h", XDG_CONFIG_HOME: "x" }, "linux", "/h/.config/cerm"],
  [{ HOME: "/h" }, "linux", "/h/.config/cerm"],
  [{ HOME: "/h" }, "darwin", "/h/Library/Application Support/cerm"],
  [{ APPDATA: "C:\\r" }, "win32", "C:\\r\\cerm"],
  [{ USERPROFILE: "C:\\u" }, "win32", "C:\\u\\AppData\\Roaming\\cerm"],
] as const)("configDirectory of %j on %s is %s", (env, platform, expected) => {
  expect(configDirectory(env, platform)).toBe(expected);
});
