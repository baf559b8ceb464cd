import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { makeArchive } from "../../test/tinker-server/index.ts";
import { unpackArchive } from "./unpack-archive.ts";

const folder = () => mkdtemp(join(tmpdir(), "unpack-"));

test("takes files and folders", async () => {
  const archive = await makeArchive([
    { header: { name: "/", type: "directory" } },
    { header: { name: "a/", type: "directory" } },
    { header: { name: "a/b.json" }, content: "{}" },
    { header: { name: "./c.bin" }, content: "x".repeat(100_000) },
  ]);
  const into = await folder();
  await unpackArchive(Readable.from([archive]), into);
  expect(await readFile(join(into, "a/b.json"), "utf8")).toBe("{}");
  expect((await readFile(join(into, "c.bin"))).length).toBe(100_000);
});

test.each([
  { header: { name: "../evil" }, content: "x" },
  { header: { name: "/etc/evil" }, content: "x" },
  { header: { name: "a/../../evil" }, content: "x" },
  { header: { name: "link", type: "symlink", linkname: "/etc/passwd" } },
  { header: { name: "link", type: "link", linkname: "../a" } },
  { header: { name: "device", type: "character-device" } },
] as const)("refuses $header.name $header.type", async (entry) => {
  const into = await folder();
  const archive = await makeArchive([{ ...entry }, { header: { name: "after" }, content: "x" }]);
  await expect(unpackArchive(Readable.from([archive]), into)).rejects.toMatchObject({ code: "tinker-bad-answer" });
  expect(await readdir(into)).toEqual([]);
});

test("refuses a file that comes twice", async () => {
  const archive = await makeArchive([
    { header: { name: "a" }, content: "1" },
    { header: { name: "a" }, content: "2" },
  ]);
  await expect(unpackArchive(Readable.from([archive]), await folder())).rejects.toThrow(/cannot be unpacked/);
});

test("refuses what is cut off, not compressed, or empty", async () => {
  const archive = await makeArchive({ a: "x".repeat(50_000) });
  const unpack = async (bytes: Uint8Array) => unpackArchive(Readable.from([bytes]), await folder());
  await expect(unpack(archive.subarray(0, archive.length / 2))).rejects.toThrow(/cannot be unpacked/);
  await expect(unpack(Buffer.from("<html>"))).rejects.toThrow(/cannot be unpacked/);
  await expect(unpack(await makeArchive([]))).rejects.toThrow(/is empty/);
});

test("stops at its limits", async () => {
  const archive = await makeArchive({ a: "x".repeat(1000), b: "y" });
  const unpack = async (limits: { bytes: number; files: number }) =>
    unpackArchive(Readable.from([archive]), await folder(), limits);
  await expect(unpack({ bytes: 999, files: 10 })).rejects.toThrow(/more than 999 bytes/);
  await expect(unpack({ bytes: 9999, files: 1 })).rejects.toThrow(/or 1 files/);
});
