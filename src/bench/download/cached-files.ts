import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { hashFile } from "../../engines/models/hash-file.ts";
import { systemCode } from "../../engines/models/model-error.ts";

const fileSchema = z.object({ sha256: z.string(), bytes: z.number() });
const pinsSchema = z.record(z.string(), z.object({ commit: z.string(), files: z.record(z.string(), fileSchema) }));

/** What was downloaded, by repository: the commit, and each file's checksum, which later uses must meet. */
export type Pins = z.infer<typeof pinsSchema>;

/** The pins at `path`; none where there is no file, or it is damaged. */
export async function readPins(path: string): Promise<Pins> {
  try {
    return pinsSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/** Whether the file is there as it was downloaded. */
export async function isIntact(
  path: string,
  pin: z.infer<typeof fileSchema> | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  if (pin === undefined) return false;
  const bytes = (await stat(path).catch(() => undefined))?.size;
  return bytes === pin.bytes && (await hashFile(path, signal)) === pin.sha256;
}
