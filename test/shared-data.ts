import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the shared evaluation data beside the repository, or the one `CERM_SHARED_DATA` names; undefined where
 * it is not there.
 */
export function sharedDataPath(): string | undefined {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const given = process.env.CERM_SHARED_DATA;
  const folder = given === undefined || given === "" ? join(root, "..", "shared", "data") : resolve(given);
  return existsSync(folder) ? folder : undefined;
}
