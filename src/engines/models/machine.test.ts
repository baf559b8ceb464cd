import { describe, expect, it } from "vitest";
import { defaultModelFor } from "./default-models.ts";
import { canCarry, readMachine } from "./machine.ts";

describe("machines", () => {
  it.each([
    [{ totalMemoryBytes: 7.7e9, cores: 4 }, "Qwen3-4B-Instruct-2507-GGUF"],
    [{ totalMemoryBytes: 4e9, cores: 8 }, "Qwen3-1.7B-GGUF"],
    [{ totalMemoryBytes: 32e9, cores: 2 }, "Qwen3-1.7B-GGUF"],
    [{ totalMemoryBytes: 4e9, cores: 2, gpuFreeBytes: 8e9 }, "Qwen3-4B-Instruct-2507-GGUF"],
    [{ totalMemoryBytes: 4e9, cores: 2, gpuFreeBytes: 2e9 }, "Qwen3-1.7B-GGUF"],
  ])("%j gets %s", (machine, repo) => {
    expect(defaultModelFor(machine).repo).toBe(repo);
  });

  it("carry a model with room for its context, in memory or on the GPU", () => {
    expect(canCarry(2.5e9, { totalMemoryBytes: 4e9, cores: 1 })).toBe(true);
    expect(canCarry(2.6e9, { totalMemoryBytes: 4e9, cores: 1 })).toBe(false);
    expect(canCarry(2.6e9, { totalMemoryBytes: 4e9, cores: 1, gpuFreeBytes: 4e9 })).toBe(true);
  });

  it("read this one", () => {
    const machine = readMachine(5);
    expect(machine.gpuFreeBytes).toBe(5);
    expect(machine.cores).toBeGreaterThanOrEqual(1);
    expect(machine.totalMemoryBytes).toBeGreaterThan(1e8);
  });
});
