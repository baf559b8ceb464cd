import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { InputError } from "../core/errors.ts";

/** Name of the file that says what a run directory is of. */
export const runFileName = "run.json";

/** Reads run.json of a run directory. Throws `InputError` where there is none, or one of something else than `kind`. */
export async function readRunDescription<Schema extends z.ZodType>(
  directory: string,
  schema: Schema,
  kind: string,
): Promise<z.output<Schema>> {
  const file = join(directory, runFileName);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? "is not there" : `cannot be read (${error.message})`;
    throw new InputError(`${reason}; name the directory of a ${kind}`, { file });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`is not JSON: ${(error as Error).message}`, { file });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = issue.path.join(".") || undefined;
  throw new InputError(`is not the description of a ${kind}: ${issue.message}`, { file, field });
}
