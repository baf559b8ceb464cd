import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { type AdapterSource, type AdapterSourceOptions, openAdapterSource } from "./adapter-source.ts";
import { readBaseShape } from "./base-shape.ts";
import { writeGgufAdapter } from "./gguf-adapter.ts";
import { mergeAdapter } from "./merge-adapter.ts";
import { type ExportFormat, modelCard } from "./model-card.ts";
import { type Adapter, adapterFiles, openAdapter } from "./read-adapter.ts";

export interface ExportOptions extends AdapterSourceOptions {
  /** A run directory, a `tinker://` path, a checkpoint archive (tar.gz), or a PEFT folder. */
  source: string;
  format: ExportFormat;
  /** Folder of the result; made where it is missing, refused where something is in it. */
  out: string;
  /** The base model's folder, or for `gguf` its GGUF file. Default: where the run or the adapter says it was, if that is here. */
  base?: string;
  /** Numbers of a GGUF adapter. Default `F16`. */
  type?: "F16" | "F32";
  /** The program's version, for the card. */
  version: string;
  onProgress?: (done: number, total: number) => void;
}

export interface ExportResult {
  format: ExportFormat;
  out: string;
  /** Names of the files written, sorted. */
  files: string[];
  rank: number;
  alpha: number;
  /** Optimiser steps of the checkpoint, where it is one of a run. */
  step?: number;
}

/**
 * Writes a trained adapter in one of three forms with a model card (README.md): a PEFT folder, a GGUF adapter (`adapter.gguf`), or the
 * merged model. Throws an `InputError`, or a `TinkerError` where a server does not give the weights.
 */
export async function exportAdapter(options: ExportOptions): Promise<ExportResult> {
  const { format, out, type, signal, onProgress } = options;
  if ((await readdir(out).catch(() => [])).length > 0)
    throw new InputError("is not empty; choose another folder", { file: out, field: "out" });
  const source = await openAdapterSource(options.source, options);
  try {
    const adapter = await openAdapter(source.folder);
    try {
      const base = await baseOf(adapter, source, options);
      if (format === "gguf") {
        const shape = await readBaseShape(base!);
        await mkdir(out, { recursive: true });
        await writeGgufAdapter(adapter, shape, join(out, "adapter.gguf"), { type, signal });
      } else if (format === "merged") await mergeAdapter(adapter, base!, out, { signal, onProgress });
      else await copyAdapter(adapter, out);
      await writeFile(join(out, "README.md"), await cardOf(adapter, source, base, options));
      const { rank, alpha } = adapter;
      return { format, out, files: (await readdir(out)).sort(), rank, alpha, step: source.checkpoint?.step };
    } finally {
      await adapter.close();
    }
  } finally {
    await source.dispose();
  }
}

/** The base model's folder or file. Throws where it is needed and not here. */
async function baseOf(
  adapter: Adapter,
  { run }: AdapterSource,
  { base, format }: ExportOptions,
): Promise<string | undefined> {
  const folder = run?.about.modelFolder;
  const path = base ?? (typeof folder === "string" ? folder : adapter.baseModel);
  const isHere =
    path !== undefined &&
    (await stat(path).then(
      () => true,
      () => false,
    ));
  if (isHere) return path;
  if (format === "peft" && base === undefined) return undefined;
  throw new InputError(
    `the base model ${path ?? "(the adapter does not name it)"} is not here; name its folder${format === "gguf" ? " or GGUF file" : ""} with --base`,
    { field: "base" },
  );
}

/** The adapter's two files; the configuration names the base model as it did. */
async function copyAdapter(adapter: Adapter, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const name of Object.values(adapterFiles)) await copyFile(join(adapter.folder, name), join(out, name));
}

async function cardOf(
  { rank, alpha, baseModel }: Adapter,
  { run, checkpoint, path }: AdapterSource,
  base: string | undefined,
  { format, version }: ExportOptions,
): Promise<string> {
  const named = run?.about.baseModel ?? run?.settings.baseModel;
  const name = typeof named === "string" ? named : (baseModel ?? base ?? "unknown");
  const license = base === undefined ? undefined : await licenseOf(base);
  return modelCard({ format, baseModel: name, rank, alpha, run, checkpoint, source: path, license, version });
}

/** The licence that a base model's own card names. */
async function licenseOf(base: string): Promise<string | undefined> {
  const card = await readFile(join(base, "README.md"), "utf8").catch(() => "");
  return /^license:\s*["']?([\w.-]+)/m.exec(card)?.[1];
}
