import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { formatBytes } from "./format-bytes.ts";
import { freeBytes, requireSpace, spaceError } from "./free-space.ts";

it("knows the free space of a volume, and refuses what does not fit", async () => {
  const free = await freeBytes(tmpdir());
  expect(free).toBeGreaterThan(0);
  await requireSpace(tmpdir(), 1);
  await expect(requireSpace(tmpdir(), free + 1e15)).rejects.toMatchObject({ code: "no-space" });
});

it("tells a full volume from other failures of a write", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  expect(spaceError(full, "/m/x.gguf")).toMatchObject({
    code: "no-space",
    message: expect.stringMatching(/^\/m\/x\.gguf: the volume is full\. What was downloaded is kept/),
    cause: full,
  });
  const other = Object.assign(new Error("EIO"), { code: "EIO" });
  expect(spaceError(other, "/m/x.gguf")).toBe(other);
});

it.each([
  [0, "0 bytes"],
  [4_400, "4 kB"],
  [98_362_432, "98 MB"],
  [2_497_281_120, "2.50 GB"],
])("writes %i as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
