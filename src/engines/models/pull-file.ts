import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, resolve } from "node:path";
import { modelNameOf, safeName, shardPaths } from "./gguf-shards.ts";
import { hashFile } from "./hash-file.ts";
import { withLock } from "./model-lock.ts";
import type { FileSpec } from "./model-spec.ts";
import type { PullOptions } from "./pull-options.ts";
import type { PulledModel } from "./pulled-model.ts";
import { freeName, lockPath, readModelInfo, registerModel } from "./register-model.ts";

/** Absolute path of a file spec; `~/` is the user's home. */
export function filePathOf(spec: FileSpec): string {
  return resolve(spec.path.replace(/^~(?=[\\/])/, homedir()));
}

/** Registers a GGUF file (and its other shards) where it lies; nothing is copied. Throws a `ModelError` where it is no model. */
export async function pullFromFile(spec: FileSpec, options: PullOptions): Promise<PulledModel> {
  const { directory } = options;
  const paths = shardPaths(filePathOf(spec));
  await readModelInfo(paths);
  const source = `file:${paths[0]}`;
  const stem = modelNameOf(paths[0]!);
  const folder = safeName(basename(resolve(paths[0]!, "..")));
  const name = await freeName(
    [stem, `${folder}--${stem}`, ...numbered(`${folder}--${stem}`)],
    directory,
    (other) => other === source,
  );
  const onWait = () => options.onProgress?.({ phase: "wait", file: name, doneBytes: 0, totalBytes: 0 });
  return withLock(lockPath(directory, name), { ...options.lock, signal: options.signal, onWait }, async (signal) => {
    const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
    const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    const files = [];
    let done = 0;
    for (const [index, path] of paths.entries()) {
      const report = (bytes: number) =>
        options.onProgress?.({ phase: "verify", file: basename(path), doneBytes: done + bytes, totalBytes });
      files.push({ path, bytes: sizes[index]!, sha256: await hashFile(path, signal, report) });
      done += sizes[index]!;
    }
    return registerModel({ name, source, files }, directory, options.now ?? (() => new Date()));
  });
}

/** Files of one name in folders of one name are rare; a few numbers are enough. */
function numbered(name: string): string[] {
  return Array.from({ length: 8 }, (_, index) => `${name}-${index + 2}`);
}
