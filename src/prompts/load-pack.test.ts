import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../core/errors.ts";
import { bundledDirectory, listPacks } from "./list-packs.ts";
import { loadPack } from "./load-pack.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-packs-"));
  await cp(join(bundledDirectory, "compact"), join(directory, "mine"), { recursive: true });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Changes the user's pack and gives the error that loading it raises. */
async function broken(file: string, change: (text: string) => string): Promise<Error> {
  const path = join(directory, "mine", file);
  await writeFile(path, change(await readFile(path, "utf8")));
  return loadPack("mine", { userDirectory: directory }).then(
    () => {
      throw new Error("the pack was loaded");
    },
    (error: Error) => error,
  );
}

describe("bundled packs", () => {
  it("have the limits and scales of the method", async () => {
    const pack = await loadPack("default");
    expect(pack.limits).toEqual({ criteria: 4096, evaluation: 8192 });
    expect(pack.criterionScale).toEqual({ min: 0, max: 5, step: 0.5 });
    expect(pack.overallScale).toEqual({ min: 0, max: 10, step: 0.5 });
    expect(pack.identity).toMatch(/^default@1#[0-9a-f]{12}$/);
    expect((await loadPack("default")).identity).toBe(pack.identity);
    const compact = await loadPack("compact");
    expect(compact.overallScale.step).toBe(1);
    expect(compact.form.criteria).toMatchObject({ min: 3, max: 4, analysisTokens: 0 });
  });
});

describe("user packs", () => {
  it("are found by name and by path, after the bundled ones", async () => {
    await mkdir(join(directory, "not-a-pack"));
    await cp(join(bundledDirectory, "compact"), join(directory, "default"), { recursive: true });
    const packs = await listPacks({ userDirectory: directory });
    expect(packs.map(({ name, source }) => `${source} ${name}`)).toEqual([
      "bundled compact",
      "bundled default",
      "user mine",
    ]);
    expect((await loadPack("mine", { userDirectory: directory })).name).toBe("compact");
    expect((await loadPack(join(directory, "mine"))).directory).toBe(join(directory, "mine"));
    expect(await listPacks({ userDirectory: join(directory, "nowhere") })).toHaveLength(2);
  });

  it("have an identity that any change of text or metadata changes, but not line ends", async () => {
    const load = async () => (await loadPack(join(directory, "mine"))).identity;
    const file = join(directory, "mine", "implicit.jinja");
    const text = await readFile(file, "utf8");
    const before = await load();
    await writeFile(file, text.replaceAll("\n", "\r\n"));
    expect(await load()).toBe(before);
    await writeFile(file, text.replace("short", "brief"));
    const changed = await load();
    expect(changed).not.toBe(before);
    const metadata = join(directory, "mine", "pack.json");
    await writeFile(metadata, (await readFile(metadata, "utf8")).replace('"evaluation": 256', '"evaluation": 257'));
    expect(await load()).not.toBe(changed);
  });

  it("that are unknown are named with those that exist", async () => {
    await expect(loadPack("nope", { userDirectory: directory })).rejects.toThrow(
      /"nope"; there are compact, default, mine; .*\.\/nope/,
    );
    await expect(loadPack("./nope")).rejects.toThrow(InputError);
  });

  it.each([
    ["not JSON", "pack.json", (text: string) => text.slice(5), "pack.json: is not JSON"],
    ["a missing field", "pack.json", (text: string) => text.replace('"version"', '"versoin"'), "pack.json, version"],
    ["an unknown field", "pack.json", (text: string) => text.replace("{", '{"extra": 1,'), "extra"],
    [
      "a bad scale",
      "pack.json",
      (text: string) => text.replace('"max": 5', '"max": 0'),
      "pack.json, criterionScale: max must",
    ],
    ["uneven steps", "pack.json", (text: string) => text.replace('"step": 1', '"step": 0.7'), "whole number of steps"],
    [
      "equal markers",
      "pack.json",
      (text: string) => text.replace("Start of Query", "End of Query"),
      "markers: all markers must differ",
    ],
    ["a backslash marker", "pack.json", (text: string) => text.replace("[Start of Query]", "[\\\\Query]"), "backslash"],
    ["nested markers", "pack.json", (text: string) => text.replace("[Start of Query]", "[[Query]"), "first character"],
    ["no role in headings", "pack.json", (text: string) => text.replace(": {role}", ""), "pack.json, markers.turn"],
    ["min above max", "pack.json", (text: string) => text.replace('"min": 3', '"min": 9'), "form.criteria: max must"],
    ["bad Jinja", "criteria.jinja", (text: string) => `${text}{% if %}`, "criteria.jinja: is not a valid Jinja"],
    [
      "no query",
      "criteria.jinja",
      (text: string) => text.replace("{{ query }}", "{{ qury }}"),
      "criteria.jinja: has {{ query }} 0 times",
    ],
    [
      "a response in turn 1",
      "criteria.jinja",
      (text: string) => `${text}{{ response }}`,
      "{{ response }} 1 times, expected none",
    ],
    [
      "no end marker",
      "evaluation.jinja",
      (text: string) => text.replace("{{ markers.response.end }}", ""),
      "between [Start of Response]",
    ],
    [
      "a response before its block",
      "evaluation.jinja",
      (text: string) => `{{ response | length }}\n${text}`,
      "depends on the response",
    ],
    [
      "a marker that text completes",
      "implicit.jinja",
      (text: string) => text.replace("{{ query }}", "[{{ query }}"),
      "can complete the marker",
    ],
  ])("with %s are refused with file and field", async (_name, file, change, message) => {
    const error = await broken(file, change);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(message);
  });

  it("without a template are refused", async () => {
    await rm(join(directory, "mine", "implicit.jinja"));
    await expect(loadPack("mine", { userDirectory: directory })).rejects.toThrow(/implicit\.jinja: cannot be read/);
  });
});
