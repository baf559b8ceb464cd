import type { Environment } from "../../engines/models/hub-client.ts";
import { runProcess } from "../../engines/models/run-process.ts";

/** What JAX computes on. */
export type Accelerator = "cpu" | "cuda";

/** `cuda` where the NVIDIA driver lists a GPU and the system is Linux (JAX has CUDA builds for no other), else `cpu`. */
export async function detectAccelerator(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<Accelerator> {
  if (platform !== "linux") return "cpu";
  try {
    const { code, stdout } = await runProcess(["nvidia-smi", "-L"], { env });
    return code === 0 && /^GPU \d/m.test(stdout) ? "cuda" : "cpu";
  } catch {
    return "cpu";
  }
}
