import { rm, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { downloadFile } from "./download-file.ts";
import { formatBytes } from "./format-bytes.ts";
import { requireSpace } from "./free-space.ts";
import { readGgufInfo } from "./gguf-info.ts";
import { safeName } from "./gguf-shards.ts";
import { hashFile } from "./hash-file.ts";
import { HubClient } from "./hub-client.ts";
import { type HubFile, type HubPlan, matchesHubSpec, planHubPull } from "./hub-plan.ts";
import { ModelError } from "./model-error.ts";
import { findModel, listModels } from "./model-index.ts";
import { withLock } from "./model-lock.ts";
import { formatModelSpec, type HubSpec } from "./model-spec.ts";
import { partialBytes } from "./partial-file.ts";
import type { PullOptions } from "./pull-options.ts";
import { joinHashes, type PulledModel } from "./pulled-model.ts";
import { freeName, lockPath, registerModel } from "./register-model.ts";

/**
 * Pulls a model from the hub, or returns it where its commit's files are here already. Without the hub, a model that was pulled from
 * the same place before is returned, and said. Throws a `ModelError`.
 */
export async function pullFromHub(spec: HubSpec, options: PullOptions): Promise<PulledModel> {
  const client = new HubClient({ ...options, env: options.env ?? process.env });
  try {
    return await pullPlan(await planHubPull(spec, client, options.signal), client, options);
  } catch (error) {
    const gone = error instanceof ModelError && (error.code === "hub-unreachable" || error.code === "hub-offline");
    const pulled = gone
      ? (await listModels(options.directory)).find((model) => matchesHubSpec(model.source, spec))
      : undefined;
    if (pulled === undefined) throw error;
    options.say?.(
      `Using ${pulled.name}, pulled on ${pulled.pulledAt.slice(0, 10)}: ${formatModelSpec(spec)} cannot be looked up now.`,
    );
    return pulled;
  } finally {
    await client.close();
  }
}

/** Fetches what a plan says. */
export async function pullPlan(plan: HubPlan, client: HubClient, options: PullOptions): Promise<PulledModel> {
  const { directory } = options;
  const file = plan.source.slice(0, plan.source.lastIndexOf("@"));
  const [owner, repo] = file.slice("hf:".length).split("/");
  const names = [plan.name, safeName(`${owner}--${repo}--${plan.name}`)];
  const isSame = (source: string) => source.startsWith(`${file}@`);
  const name = await freeName(names, directory, isSame);
  const onWait = () => options.onProgress?.({ phase: "wait", file: name, doneBytes: 0, totalBytes: plan.bytes });
  return withLock(lockPath(directory, name), { ...options.lock, signal: options.signal, onWait }, async (signal) => {
    const there = await findModel(name, directory);
    // Taken by a pull from elsewhere while this one waited: the name is free no more.
    if (there !== undefined && !isSame(there.source)) return pullPlan(plan, client, options);
    if (there?.sha256 === joinHashes(plan.files.map((file) => file.sha256))) return there;
    await fetchFiles(plan, name, client, { ...options, signal });
    const files = plan.files.map((file) => ({
      path: posix.join(name, fileName(file)),
      bytes: file.bytes,
      sha256: file.sha256,
    }));
    return registerModel(
      { name, source: plan.source, files, license: plan.license },
      directory,
      options.now ?? (() => new Date()),
    );
  });
}

async function fetchFiles(plan: HubPlan, name: string, client: HubClient, options: PullOptions): Promise<void> {
  const missing: { file: HubFile; target: string }[] = [];
  let needed = 0;
  let done = 0;
  const report = (phase: "download" | "verify", file: HubFile) => (bytes: number) =>
    options.onProgress?.({ phase, file: fileName(file), doneBytes: done + bytes, totalBytes: plan.bytes });
  for (const file of plan.files) {
    const target = join(options.directory, name, fileName(file));
    // Complete, but without a record: an earlier pull was killed between the two.
    const complete = (await stat(target).catch(() => undefined))?.size === file.bytes;
    if (complete && (await hashFile(target, options.signal, report("verify", file))) === file.sha256) {
      done += file.bytes;
      continue;
    }
    missing.push({ file, target });
    needed += file.bytes - (await partialBytes(file, target));
  }
  if (missing.length === 0) return;
  await requireSpace(options.directory, needed, options.freeBytes);
  const kept = plan.bytes - done - needed;
  options.say?.(
    `Downloading ${name}, ${formatBytes(plan.bytes)}, from ${client.url} (${plan.source})${kept > 0 ? `; ${formatBytes(kept)} are here already` : ""}.`,
  );
  for (const { file, target } of missing) {
    await downloadFile(file, target, client, { ...options, page: plan.page, onBytes: report("download", file) });
    await checkHeader(file, target);
    done += file.bytes;
  }
}

/** A file that is what the hub promised and still no GGUF would be taken for complete by every later pull. */
async function checkHeader(file: HubFile, target: string): Promise<void> {
  await readGgufInfo(target).catch(async (error: unknown) => {
    await rm(target, { force: true });
    throw new ModelError(
      "not-gguf",
      `${file.path} of the hub is no model: ${(error as Error).message}. Name another file`,
      { cause: error },
    );
  });
}

function fileName(file: HubFile): string {
  return safeName(posix.basename(file.path));
}
