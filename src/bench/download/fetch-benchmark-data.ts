import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Dispatcher } from "undici";
import { dataDirectory } from "../../core/data-directory.ts";
import { InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import { fetchFile } from "../../engines/models/fetch-file.ts";
import { type Environment, HubClient } from "../../engines/models/hub-client.ts";
import { ModelError } from "../../engines/models/model-error.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import type { PullProgress } from "../../engines/models/pull-options.ts";
import { writeFileAtomically } from "../../engines/models/write-atomically.ts";
import type { Benchmark } from "../benchmark.ts";
import type { DataSet } from "../data-set.ts";
import { isIntact, type Pins, readPins } from "./cached-files.ts";
import { type RemoteSet, remoteFiles } from "./remote-files.ts";

export interface FetchDataOptions {
  /** Where data is kept; made where it is missing. */
  directory: string;
  /** Reads `HF_TOKEN`, `HF_ENDPOINT`, `HF_HUB_OFFLINE`. Default `process.env`. */
  env?: Environment;
  hubUrl?: string;
  /** Default `https://raw.githubusercontent.com`. */
  githubUrl?: string;
  /** Carries the requests; the caller closes it. Default: one made for this call. */
  dispatcher?: Dispatcher;
  signal?: AbortSignal;
  /** Gets one line before anything is downloaded. */
  say?: (line: string) => void;
  onProgress?: (progress: PullProgress) => void;
  /** Tries of a download in a row without a new byte. Default 5. */
  attempts?: number;
  /** Milliseconds before the second such try, doubled for each further one. Default 1,000. */
  retryDelayMs?: number;
}

/** Where downloaded benchmark data is kept: `benchmarks` in the data directory. */
export function benchmarksDirectory(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(dataDirectory(env, platform), "benchmarks");
}

/**
 * The folder with a benchmark's official files, which are downloaded where they are not there as they were. A revision
 * that is a branch is pinned to its commit by the first download. Every file is checked against its checksum at every
 * use. Throws `InputError` for a benchmark without downloads, a `ModelError` where the download fails.
 */
export async function fetchBenchmarkData(
  benchmark: Pick<Benchmark, "name" | "source">,
  options: FetchDataOptions,
): Promise<string> {
  const { sets } = benchmark.source;
  if (sets === undefined)
    throw new InputError(
      `the data of ${benchmark.name} cannot be downloaded; get it from ${benchmark.source.url} and name it`,
      {
        field: "data",
      },
    );
  // Other official files are other data: they never mix in one folder.
  const folder = join(options.directory, `${benchmark.name}-${stableHash(sets).slice(0, 8)}`);
  await mkdir(folder, { recursive: true });
  const lock = {
    signal: options.signal,
    onWait: () => options.say?.(`Waiting for another process that downloads ${benchmark.name}.`),
  };
  await withLock(`${folder}.lock`, lock, async (signal) => {
    const pins = await readPins(`${folder}.json`);
    for (const set of sets)
      await fetchSet(set, sets.length > 1 ? join(folder, set.repo.split("/")[1]!) : folder, `${folder}.json`, pins, {
        ...options,
        signal,
      });
  });
  return folder;
}

/** Completes one repository's files and writes the pins after each. */
async function fetchSet(
  set: DataSet,
  folder: string,
  pinsFile: string,
  pins: Pins,
  options: FetchDataOptions,
): Promise<void> {
  const name = `${set.host}:${set.repo}`;
  const known = pins[name];
  const missing: string[] = [];
  for (const { path } of set.files)
    if (!(await isIntact(join(folder, path), known?.files[path], options.signal))) missing.push(path);
  if (missing.length === 0) return;
  const client = clientOf(set, options);
  try {
    const remote = await remoteFiles(set, known?.commit, client, options.signal);
    options.say?.(
      `Downloading ${set.repo} at ${remote.commit.slice(0, 8)}, ${missing.join(", ")}, from ${client.url}.`,
    );
    const pin = { commit: remote.commit, files: { ...known?.files } };
    pins[name] = pin;
    for (const path of missing) {
      const file = withPin(remote, path, known?.files[path]?.sha256);
      const onBytes = (doneBytes: number) =>
        options.onProgress?.({ phase: "download", file: path, doneBytes, totalBytes: file.bytes ?? 0 });
      pin.files[path] = await fetchFile(file, join(folder, path), client, { ...options, page: remote.page, onBytes });
      await writeFileAtomically(pinsFile, `${JSON.stringify(pins, null, 2)}\n`);
    }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const { retryable, status } = error;
    throw new ModelError(
      error.code,
      `${error.message.replace(/\.$/, "")}. With a copy of the data, name it with --data`,
      {
        retryable,
        status,
        cause: error,
      },
    );
  } finally {
    await client.close();
  }
}

/** A file with the checksum of its first download, where it had one: the same commit must give the same bytes. */
function withPin(remote: RemoteSet, path: string, sha256: string | undefined) {
  const file = remote.files.find((one) => one.path === path)!;
  return { ...file, sha256: file.sha256 ?? sha256 };
}

function clientOf(set: DataSet, { env = process.env, hubUrl, githubUrl, dispatcher }: FetchDataOptions): HubClient {
  if (set.host === "hub") return new HubClient({ env, hubUrl, dispatcher });
  // Only what forbids downloads is passed on: the hub's token is no business of another host.
  const { HF_HUB_OFFLINE } = env;
  return new HubClient({
    env: { HF_HUB_OFFLINE },
    hubUrl: githubUrl ?? "https://raw.githubusercontent.com",
    dispatcher,
  });
}
