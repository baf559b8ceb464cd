import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CermError, InputError } from "../core/errors.ts";
import { AppendFile, type AppendHandle, outputError } from "./append-file.ts";
import { dropResults } from "./drop-results.ts";
import { acquireFileLock, type FileLock } from "./file-lock.ts";
import {
  otherRunError,
  type RunSettings,
  readSidecar,
  runOfSettings,
  sidecarPath,
  writeSidecar,
} from "./run-sidecar.ts";
import { type ScannedResults, scanResults } from "./scan-results.ts";

export interface OpenResultsOptions {
  /** Everything the results depend on. A file with results of other settings is refused. */
  settings: RunSettings;
  /** Where the settings are written. Default: `<path>.run.json`. */
  sidecar?: string;
  /** What else is written beside the settings, such as versions: results do not depend on it, so it is not compared. */
  about?: Record<string, unknown>;
  /**
   * Longest time in milliseconds between a line being written and it being safe from a power cut; 0: every line.
   * Default 1,000.
   */
  syncMilliseconds?: number;
  /** Results of an earlier run that are taken out, to be made again. Default: none. */
  retry?: (result: Record<string, unknown>) => boolean;
  signal?: AbortSignal;
  /** Opens the file for reading and writing, creating it. Default: the file system's. */
  openFile?: (path: string) => Promise<AppendHandle>;
}

/** An output file that the same command can continue. */
export interface ResultsFile {
  readonly path: string;
  /** Short hash of the settings, in every line. */
  readonly run: string;
  /** How many results the file holds. */
  readonly size: number;
  /** Whether the file holds the result of this item. */
  has(id: string): boolean;
  /**
   * Appends a line with the run added after the id. Lines are written in the order of the calls. Rejects with
   * `CermError` `output-failed`.
   */
  append(result: { id: string } & Record<string, unknown>): Promise<void>;
  /** Makes everything durable and lets other processes write the file. */
  close(): Promise<void>;
}

/**
 * Opens a results file (JSON Lines, one result a line) for appending, creating it and its folder. A line cut off by a
 * kill is removed; what is there already is known by `has`. Beside it stand `<path>.run.json` with the settings (or
 * `sidecar`) and, while it is open, `<path>.lock`. Throws `InputError` when it holds something else than results of these settings or
 * another process writes it.
 */
export async function openResults(path: string, options: OpenResultsOptions): Promise<ResultsFile> {
  const { settings, signal, syncMilliseconds = 1000, sidecar: beside = sidecarPath(path) } = options;
  signal?.throwIfAborted();
  const run = runOfSettings(settings);
  const lock = await prepare(path);
  try {
    const sidecar = await readSidecar(beside);
    const scan = () =>
      scanResults(path, run, {
        otherRun: (line) => otherRunError(path, line, settings, sidecar?.run === run ? undefined : sidecar),
        signal,
      });
    let scanned = await scan();
    // After the first look, which makes sure that the file is one of these settings.
    if (options.retry !== undefined && scanned.ids.size > 0 && (await dropResults(path, options.retry, { signal })) > 0)
      scanned = await scan();
    // Only what this program began may be cut: a file of another kind without a line end is the user's.
    if (scanned.cutBytes > 0 && scanned.ids.size === 0 && sidecar === undefined) {
      throw new InputError("is not a results file; choose another file", { file: path, line: 1 });
    }
    if (sidecar?.run !== run) await writeSidecar(beside, { run, settings }, options.about);
    const file = await openAtEnd(path, scanned, { syncMilliseconds, openFile: options.openFile });
    return resultsFile({ path, run, file, lock, ids: scanned.ids });
  } catch (error) {
    await lock.release();
    if (signal?.aborted) throw signal.reason;
    throw error instanceof CermError || !isSystemError(error) ? error : outputError(path, error);
  }
}

async function prepare(path: string): Promise<FileLock> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const status = await stat(path).catch(() => undefined);
    if (status !== undefined && !status.isFile()) {
      throw new InputError("is not a regular file, so it cannot be continued; write to standard output instead", {
        file: path,
      });
    }
    return await acquireFileLock(`${path}.lock`, path);
  } catch (error) {
    throw isSystemError(error) ? outputError(path, error) : error;
  }
}

async function openAtEnd(
  path: string,
  scanned: ScannedResults,
  options: { syncMilliseconds: number; openFile?: (path: string) => Promise<AppendHandle> },
): Promise<AppendFile> {
  const handle = await (options.openFile ?? openOrCreate)(path);
  try {
    if (scanned.cutBytes > 0) await handle.truncate(scanned.keptBytes);
    let size = scanned.keptBytes;
    if (scanned.lacksLineEnd) size += (await handle.write(Buffer.from("\n"), 0, 1, size)).bytesWritten;
    return new AppendFile(path, handle, { size, syncMilliseconds: options.syncMilliseconds });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openOrCreate(path: string): Promise<AppendHandle> {
  return await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return open(path, "wx+");
    throw error;
  });
}

function resultsFile(parts: {
  path: string;
  run: string;
  file: AppendFile;
  lock: FileLock;
  ids: ScannedResults["ids"];
}): ResultsFile {
  const { path, run, file, lock, ids } = parts;
  let closing: Promise<void> | undefined;
  return {
    path,
    run,
    get size() {
      return ids.size;
    },
    has: (id) => ids.has(id),
    async append(result) {
      if (closing !== undefined) throw new Error(`${path} is closed`);
      const { id, ...members } = result;
      if (ids.add(id, ids.size + 1) !== undefined)
        throw new Error(`${path}: ${JSON.stringify(id)} has a result already`);
      await file.append(JSON.stringify(Object.assign({ id, run }, members, { run })));
    },
    close() {
      closing ??= file.close().finally(() => lock.release());
      return closing;
    },
  };
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === "string" && /^E[A-Z]+$/.test(code);
}
