import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { runCli } from "../../../test/run-cli.ts";

const home = cliHome();

describe("cerm engine", () => {
  it("says that none runs, with a code of its own, and how to start one", async () => {
    const status = await runCli(["engine", "status"]);
    expect(status).toMatchObject({ code: 1, out: ["No engine runs. Start one: cerm engine up --model MODEL"] });
    expect((await runCli(["engine", "status", "--json"])).json()).toEqual([{ status: "none" }]);
    expect((await runCli(["engine", "down", "--json"])).json()).toEqual([{ outcome: "none" }]);
  });

  it("asks for a base model, and refuses what is none, before anything is installed", async () => {
    expect(await runCli(["engine", "up"])).toMatchObject({
      code: 2,
      notes: [expect.stringContaining("no base model is named. Name one: hf:owner/repo")],
    });
    const folder = join(home.path, "empty");
    await mkdir(folder);
    expect(await runCli(["engine", "up", "--model", folder])).toMatchObject({
      code: 1,
      notes: [expect.stringContaining("holds no config.json")],
    });
    await writeFile(join(home.path, "x.gguf"), "no model");
    expect(await runCli(["engine", "up", "--model", join(home.path, "x.gguf")])).toMatchObject({
      code: 1,
      notes: [expect.stringContaining("not a GGUF file")],
    });
  });

  it.each([
    [["--port", "zero"], "whole number"],
    [["--backend-config", "[1]"], "JSON object"],
  ])("refuses %j", async (options, message) => {
    const { code, notes } = await runCli(["engine", "up", "--model", "m", ...options]);
    expect({ code, text: notes.join("") }).toEqual({ code: 2, text: expect.stringContaining(message) });
  });
});
