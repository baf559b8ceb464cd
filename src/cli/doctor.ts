import { access, constants, mkdir, statfs } from "node:fs/promises";
import { arch, cpus, freemem, platform, release, totalmem } from "node:os";
import { dataDirectory } from "../core/data-directory.ts";
import { CermError } from "../core/errors.ts";
import { formatBytes } from "../engines/models/format-bytes.ts";
import { inspectModels } from "../engines/models/model-index.ts";
import { modelsDirectory } from "../engines/models/models-directory.ts";
import { type EngineOptions, openEngine } from "../engines/open-engine.ts";
import { defaultStoreUrl, openStore } from "../store/open-store.ts";
import { missingModel } from "./missing-model.ts";
import type { Terminal } from "./terminal.ts";

interface Check {
  name: string;
  state: "ok" | "warning" | "failed";
  found: string;
  /** What to do about it. */
  advice?: string;
}

/** Checks everything a judge needs. Returns the exit code: 1 when something it needs is missing. */
export async function runDoctor(
  options: EngineOptions & { store?: string; json?: boolean; signal: AbortSignal },
  terminal: Terminal,
): Promise<number> {
  const checks: Check[] = [];
  const show = async (check: Check) => {
    checks.push(check);
    if (options.json) return;
    const mark = {
      ok: terminal.style("green", "ok  "),
      warning: terminal.style("yellow", "warn"),
      failed: terminal.style("red", "FAIL"),
    };
    await terminal.print(`${mark[check.state]} ${check.name.padEnd(14)} ${check.found}`);
    if (check.advice !== undefined) await terminal.print(`${" ".repeat(20)}-> ${check.advice}`);
  };
  await show(checkNode());
  await show(checkMachine());
  await show(await checkDirectory());
  await show(await checkStore(options.store));
  for (const check of await checkEngine(options)) await show(check);
  if (options.json) await terminal.print(JSON.stringify(checks));
  return checks.some((check) => check.state === "failed") ? 1 : 0;
}

function checkNode(): Check {
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
  const enough = major > 20 || (major === 20 && minor >= 19);
  return {
    name: "node",
    state: enough ? "ok" : "failed",
    found: `${process.version} on ${platform()} ${release()} ${arch()}`,
    advice: enough ? undefined : "install Node.js 20.19 or newer",
  };
}

function checkMachine(): Check {
  const processors = cpus();
  return {
    name: "machine",
    state: "ok",
    found: `${processors.length} x ${processors[0]?.model.trim() ?? "unknown processor"}, ${formatBytes(freemem())} of ${formatBytes(totalmem())} memory free`,
  };
}

async function checkDirectory(): Promise<Check> {
  const directory = dataDirectory();
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    const little = free < 5e9;
    return {
      name: "data directory",
      state: little ? "warning" : "ok",
      found: `${directory}, ${formatBytes(free)} free`,
      advice: little ? "models need a few GB: make room, or set CERM_HOME to a larger disk" : undefined,
    };
  } catch (error) {
    return {
      name: "data directory",
      state: "failed",
      found: `${directory}: ${(error as Error).message}`,
      advice: "set CERM_HOME to a folder you can write to",
    };
  }
}

async function checkStore(url: string | undefined): Promise<Check> {
  const name = url ?? defaultStoreUrl();
  try {
    const store = await openStore(name);
    await store.close();
    return { name: "store", state: "ok", found: name.replace(/\/\/[^@/]*@/, "//") };
  } catch (error) {
    return { name: "store", state: "failed", found: message(error), advice: "name another one with --store, or none" };
  }
}

async function checkEngine(options: EngineOptions & { signal: AbortSignal }): Promise<Check[]> {
  const embedded =
    options.engine === "embedded" ||
    (options.engine === undefined && options.baseUrl === undefined && options.replay === undefined);
  const checks: Check[] = [];
  if (embedded) {
    const { models, problems } = await inspectModels(modelsDirectory());
    for (const problem of problems) checks.push({ name: "models", state: "warning", found: problem.problem });
    const missing = missingModel(options, models);
    if (missing !== undefined) return [...checks, { name: "models", state: "failed", ...missing }];
    checks.push({ name: "models", state: "ok", found: models.map((model) => model.name).join(", ") || "none pulled" });
  }
  try {
    const openedAt = performance.now();
    const { engine, model } = await openEngine(options);
    try {
      const openSeconds = (performance.now() - openedAt) / 1000;
      const { forms, logprobs, sharedPrefix } = engine.capabilities;
      const features = [
        `forms: ${forms}`,
        `log-probabilities: ${logprobs ? "yes" : "no"}`,
        `shared prefix: ${sharedPrefix ? "yes" : "up to the server"}`,
      ];
      checks.push({
        name: "engine",
        state: "ok",
        found: `${engine.identity.engine}, ${engine.identity.model} (opened in ${openSeconds.toFixed(1)} s; ${features.join(", ")})`,
      });
      if (model?.toy) {
        checks.push({
          name: "model",
          state: "warning",
          found: `${model.name} is a toy`,
          advice: "its scores mean nothing: cerm models pull auto, or use a server with --base-url",
        });
      }
      const startedAt = performance.now();
      const [answer] = await engine.generate(
        {
          messages: [{ role: "user", content: "Say hello." }],
          n: 1,
          maxTokens: 16,
          temperature: 0,
          topP: 1,
          seed: 0,
          stop: [],
        },
        options.signal,
      );
      const seconds = (performance.now() - startedAt) / 1000;
      checks.push({
        name: "answer",
        state: "ok",
        found: `${answer!.usage.outputTokens} tokens in ${seconds.toFixed(2)} s: ${JSON.stringify(answer!.text.slice(0, 60))}`,
      });
    } finally {
      await engine.close();
    }
  } catch (error) {
    const advice = embedded
      ? "see the message; cerm models list shows what is here"
      : "is the server running, and is the address right? The key comes from CERM_API_KEY";
    checks.push({ name: "engine", state: "failed", found: message(error), advice });
  }
  return checks;
}

function message(error: unknown): string {
  return error instanceof CermError ? error.message : `${(error as Error).name}: ${(error as Error).message}`;
}
