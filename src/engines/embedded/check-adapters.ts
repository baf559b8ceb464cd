import { resolve } from "node:path";
import { CermError, InputError } from "../../core/errors.ts";
import { readGgufInfo } from "../models/gguf-info.ts";

/**
 * Refuses adapters that cannot be meant (`InputError`): a file that is not there or is no adapter, and one that is given
 * twice, of which llama.cpp would add the weights once, with the last scale. Whether an adapter fits the model shows
 * when the model is loaded.
 */
export async function checkAdapters(adapters: readonly { path: string }[]): Promise<void> {
  const refuse = (message: string, file: string, cause?: unknown): never => {
    throw Object.assign(new InputError(message, { file, field: "lora" }), { cause });
  };
  const paths = adapters.map(({ path }) => resolve(path));
  for (const [index, { path }] of adapters.entries()) {
    if (paths.indexOf(paths[index]!) !== index)
      refuse("is given twice; give it once, with the sum of the scales", path);
    const info = await readGgufInfo(path).catch((error: unknown) => {
      if (!(error instanceof CermError)) throw error;
      return refuse(
        `${error.message.replace(`${path}: `, "")}; expected a LoRA adapter in llama.cpp's GGUF format`,
        path,
      );
    });
    if (info.type !== undefined && info.type !== "adapter")
      refuse(`is a ${info.type}, expected a LoRA adapter (GGUF of type "adapter")`, path);
  }
}
