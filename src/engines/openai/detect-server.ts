import { z } from "zod";
import { EngineError, InputError } from "../../core/errors.ts";
import type { AttemptFailure } from "./attempt-failure.ts";
import type { Dialect } from "./options.ts";

const modelList = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().nullish() })),
});

/** A GET on the server: its body, or why there is none. Paths are below the server's root. */
export type GetText = (path: string) => Promise<{ text: string } | AttemptFailure>;

/** What a server says about itself. */
export interface DetectedServer {
  model: string;
  dialect: Dialect;
  vllmGuided: boolean;
}

/** Owners that servers name in their list of models. */
const owners: Record<string, Dialect> = {
  vllm: "vllm",
  sglang: "sglang",
  llamacpp: "llama-server",
};

/**
 * Finds out model and dialect as far as they are not given. A server without a list of models is asked nothing more when
 * the model is given. Throws the `EngineError` of a server that cannot be asked, an `InputError` for a choice of models.
 */
export async function detectServer(
  get: GetText,
  given: { model?: string; dialect?: Dialect | "auto"; where: string; host: string },
): Promise<DetectedServer> {
  const dialectGiven = given.dialect !== undefined && given.dialect !== "auto" ? given.dialect : undefined;
  if (given.model !== undefined && dialectGiven !== undefined) {
    return { model: given.model, dialect: dialectGiven, vllmGuided: await vllmGuided(get, dialectGiven) };
  }
  const models = await listModels(get, given.where, given.model !== undefined);
  const model = given.model ?? onlyModel(models, given.where);
  const dialect = dialectGiven ?? (await guessDialect(get, models, given.host));
  return { model, dialect, vllmGuided: await vllmGuided(get, dialect) };
}

type Models = z.infer<typeof modelList>["data"];

async function listModels(get: GetText, where: string, optional: boolean): Promise<Models> {
  const answer = await get("/v1/models");
  if ("error" in answer) {
    // A hosted API may have no list; one that is down or refuses the key must say so now.
    if (optional && (answer.error.status === 404 || answer.error.status === 405)) return [];
    throw answer.error;
  }
  let json: unknown;
  try {
    json = JSON.parse(answer.text);
  } catch {
    json = undefined;
  }
  const parsed = modelList.safeParse(json);
  if (parsed.success) return parsed.data.data;
  if (optional) return [];
  throw new EngineError(`${where}/models is not a list of models; give the model's name`, {
    retryable: false,
    code: "no-models",
  });
}

function onlyModel(models: Models, where: string): string {
  if (models.length === 1) return models[0]!.id;
  const names = models.map((model) => model.id);
  const listed = names.length > 20 ? [...names.slice(0, 20), `and ${names.length - 20} more`] : names;
  throw new InputError(
    names.length === 0
      ? `${where} serves no model; give the model's name`
      : `${where} serves ${names.length} models; choose one: ${listed.join(", ")}`,
    { field: "model" },
  );
}

async function guessDialect(get: GetText, models: Models, host: string): Promise<Dialect> {
  // OpenAI's owner names are also what imitations send, so only the host tells.
  if (host === "api.openai.com" || host.endsWith(".openai.azure.com")) return "openai";
  const owner = models.find((model) => model.owned_by)?.owned_by ?? "";
  const known = owners[owner.toLowerCase()];
  if (known !== undefined) return known;
  const props = await get("/props");
  return "text" in props && props.text.includes('"default_generation_settings"') ? "llama-server" : "plain";
}

/** Whether a vLLM is older than 0.11, where the members of structured output had other names. */
async function vllmGuided(get: GetText, dialect: Dialect): Promise<boolean> {
  if (dialect !== "vllm") return false;
  const answer = await get("/version");
  const version = "text" in answer ? /"version"\s*:\s*"v?(\d+)\.(\d+)/.exec(answer.text) : null;
  return version !== null && Number(version[1]) === 0 && Number(version[2]) < 11;
}
