import { join } from "node:path";
import { dataDirectory } from "../../core/data-directory.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import { skyrlVersion } from "./requirements.ts";

/** Where the local training engine keeps its files. */
export interface EnginePaths {
  directory: string;
  /** Says which engine runs. */
  state: string;
  lock: string;
  /** Output of the engine that was started last. */
  log: string;
  /** SQLite database of the server's sessions, models and checkpoints. */
  database: string;
  checkpoints: string;
  /** Base models as safetensors folders, downloaded or converted. */
  models: string;
  /** Virtual environments, and uv where it had to be installed: `CERM_ENGINE_ENVIRONMENTS` where it is set. */
  environments: string;
}

/** The files of the local training engine, below `engine` in the data directory. Nothing is created. */
export function enginePaths(env: Environment = process.env): EnginePaths {
  const directory = join(dataDirectory(env), "engine");
  return {
    directory,
    state: join(directory, "state.json"),
    lock: join(directory, "state.lock"),
    log: join(directory, "engine.log"),
    // Another version of the server may have other tables.
    database: join(directory, `skyrl-${skyrlVersion}.db`),
    checkpoints: join(directory, "checkpoints"),
    models: join(directory, "models"),
    // Several gigabytes that several data directories can share.
    environments: env.CERM_ENGINE_ENVIRONMENTS || join(directory, "environments"),
  };
}
