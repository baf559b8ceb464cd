import type { Llama } from "node-llama-cpp";
import { CermError } from "../../core/errors.ts";

/** llama.cpp is loaded once in a process for each kind of device; models and contexts come and go on it. */
const instances = new Map<"auto" | false, Promise<Llama>>();

/** llama.cpp on the GPU where there is one (`"auto"`), or on the processor. Throws `CermError` `no-llama`. */
export function llamaInstance(gpu: "auto" | false): Promise<Llama> {
  const known = instances.get(gpu);
  if (known !== undefined) return known;
  const loading = loadLlama(gpu);
  instances.set(gpu, loading);
  loading.catch(() => instances.delete(gpu));
  return loading;
}

async function loadLlama(gpu: "auto" | false): Promise<Llama> {
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  try {
    return await getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
      logger: () => {},
      maxThreads: 0,
    });
  } catch (cause) {
    throw new CermError(
      "no-llama",
      `llama.cpp cannot be loaded on this machine (${process.platform}-${process.arch}): ${(cause as Error).message}. ` +
        "Reinstall cerm with optional dependencies, or use --engine openai with a server.",
      { cause },
    );
  }
}
