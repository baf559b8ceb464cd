import { join } from "node:path";
import { dataDirectory } from "../../core/data-directory.ts";
import type { Environment } from "./hub-client.ts";

/** Where pulled models are kept: `models` in the data directory. */
export function modelsDirectory(env: Environment = process.env, platform: NodeJS.Platform = process.platform): string {
  return join(dataDirectory(env, platform), "models");
}
