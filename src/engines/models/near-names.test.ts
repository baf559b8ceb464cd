import { expect, it } from "vitest";
import { nearNames } from "./near-names.ts";

it("gives names that contain the wanted one, then those a few edits away, best first", () => {
  const names = ["Qwen3-1.7B-Q4_K_M", "SmolLM2-135M", "Qwen3-4B-Q4_K_M", "Qwen3-4B-Q4_0"];
  expect(nearNames("qwen3-4b-q4_k_m", names)[0]).toBe("Qwen3-4B-Q4_K_M");
  expect(nearNames("smollm", names)).toEqual(["SmolLM2-135M"]);
  expect(nearNames("Qwen", names, 2)).toEqual(["Qwen3-1.7B-Q4_K_M", "Qwen3-4B-Q4_0"]);
  expect(nearNames("zzzzzzzzzz", names)).toEqual([]);
});
