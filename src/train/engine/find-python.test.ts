import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { detectAccelerator } from "./detect-accelerator.ts";
import { findPython } from "./find-python.ts";

let folder = "";
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** A program that prints a text, or fails as pyenv's commands do while another version is selected. */
async function put(name: string, prints: string, code = 0): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "${prints}"\nexit ${code}\n`);
  await chmod(path, 0o755);
  return path;
}
const env = (more = {}) => ({ PATH: join(folder, "bin"), HOME: folder, ...more });

describe.skipIf(process.platform === "win32")("findPython", () => {
  it("takes the first on the path that SkyRL runs on", async () => {
    await put("bin/python3.12", "", 127);
    await put("bin/python3.13", "3.13.2");
    await put("bin/python3", "3.12.1");
    expect(await findPython(env())).toBe("python3.13");
  });

  it("looks into pyenv's own folder, the newest patch of the best version first", async () => {
    await put("bin/python3", "3.11.7");
    await put("bin/python3.12", "pyenv: python3.12: command not found", 127);
    for (const version of ["3.11.7", "3.12.1", "3.12.10", "3.13.0"])
      await put(`.pyenv/versions/${version}/bin/python`, version);
    expect(await findPython(env())).toBe(join(folder, ".pyenv/versions/3.12.10/bin/python"));
    await put("elsewhere/versions/3.13.5/bin/python", "3.13.5");
    const elsewhere = env({ PYENV_ROOT: join(folder, "elsewhere") });
    expect(await findPython(elsewhere)).toBe(join(folder, "elsewhere/versions/3.13.5/bin/python"));
  });

  it("finds none where there is none, and takes the one that is named or none", async () => {
    expect(await findPython(env())).toBeUndefined();
    const named = await put("mine", "3.12.4");
    expect(await findPython(env({ CERM_PYTHON: named }))).toBe(named);
    const old = await put("old", "3.9.1");
    await expect(findPython(env({ CERM_PYTHON: old }))).rejects.toThrow(
      "this is Python 3.9.1, expected Python 3.12 to 3.14",
    );
    await expect(findPython(env({ CERM_PYTHON: "none" }))).rejects.toThrow("this does not start");
  });
});

describe.skipIf(process.platform === "win32")("detectAccelerator", () => {
  it("is cuda where the driver lists a GPU on Linux, else cpu", async () => {
    expect(await detectAccelerator(env(), "linux")).toBe("cpu");
    await put("bin/nvidia-smi", "No devices were found");
    expect(await detectAccelerator(env(), "linux")).toBe("cpu");
    await put("bin/nvidia-smi", "GPU 0: NVIDIA H100 (UUID: GPU-1)");
    expect(await detectAccelerator(env(), "linux")).toBe("cuda");
    expect(await detectAccelerator(env(), "darwin")).toBe("cpu");
    await put("bin/nvidia-smi", "GPU 0: NVIDIA H100 (UUID: GPU-1)", 9);
    expect(await detectAccelerator(env(), "linux")).toBe("cpu");
  });
});
