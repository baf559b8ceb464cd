import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stableHash } from "../../core/hash.ts";
import type { Accelerator } from "./detect-accelerator.ts";

/** The version of SkyRL that the pinned requirements hold. */
export const skyrlVersion = "0.4.0";

/** What an environment takes on disk, in bytes, and roughly in the download. Most of it are torch's CUDA libraries. */
export const environmentBytes: Record<Accelerator, number> = { cpu: 6.4e9, cuda: 7.5e9 };

/** The pinned packages of an accelerator: the file, and a hash of what it says. */
export async function pinnedRequirements(accelerator: Accelerator): Promise<{ file: string; hash: string }> {
  const file = join(import.meta.dirname, "python", `requirements-${accelerator}.txt`);
  return { file, hash: stableHash(await readFile(file, "utf8")) };
}
