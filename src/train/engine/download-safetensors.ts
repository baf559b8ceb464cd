import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { join, posix } from "node:path";
import { fetchFile, type RemoteFile } from "../../engines/models/fetch-file.ts";
import { formatBytes } from "../../engines/models/format-bytes.ts";
import { requireSpace } from "../../engines/models/free-space.ts";
import { safeName } from "../../engines/models/gguf-shards.ts";
import { HubClient } from "../../engines/models/hub-client.ts";
import { type HubInfo, readHubInfo } from "../../engines/models/hub-info.ts";
import { withLock } from "../../engines/models/model-lock.ts";
import type { HubSpec } from "../../engines/models/model-spec.ts";
import type { PullOptions } from "../../engines/models/pull-options.ts";
import { writeFileAtomically } from "../../engines/models/write-atomically.ts";
import { LocalEngineError } from "./local-engine-error.ts";
import { checkArchitecture } from "./model-config.ts";

export interface DownloadSafetensorsOptions extends Omit<PullOptions, "say"> {
  say: (line: string) => void;
}

/**
 * The folder with a repository's safetensors, configuration and tokenizer, downloaded once for each revision; `undefined`
 * where the repository holds no safetensors (it may hold GGUF files). Every file is checked against the hub's checksum. An
 * interrupted download goes on. Throws a `ModelError`, or a `LocalEngineError` for a model that cannot be trained here.
 */
export async function downloadSafetensors(
  spec: HubSpec,
  options: DownloadSafetensorsOptions,
): Promise<string | undefined> {
  const { directory, say } = options;
  const repo = `${spec.owner}/${spec.repo}`;
  const revision = spec.revision ?? "main";
  const folder = join(directory, safeName(`${spec.owner}--${spec.repo}${spec.revision ? `--${spec.revision}` : ""}`));
  await mkdir(directory, { recursive: true });
  const onWait = () => say(`Waiting for another process that downloads ${repo}.`);
  return withLock(`${folder}.lock`, { ...options.lock, signal: options.signal, onWait }, async (signal) => {
    if (await isFolder(folder)) return folder;
    const client = new HubClient({ ...options, env: options.env ?? process.env });
    try {
      const page = `${client.url}/${repo}`;
      const info = await readHubInfo({ kind: "models", repo, revision }, client, { what: `hf:${repo}`, page, signal });
      const files = wantedFiles(info, repo);
      if (!files.some((file) => file.path.endsWith(".safetensors"))) return undefined;
      await fetchAll(files, `${folder}.part`, `hf:${repo} at commit ${info.sha.slice(0, 7)}`, client, {
        ...options,
        signal,
        page,
      });
      await writeFileAtomically(
        join(`${folder}.part`, "source.json"),
        `${JSON.stringify({ repo, commit: info.sha })}\n`,
      );
      await rename(`${folder}.part`, folder);
      return folder;
    } finally {
      await client.close();
    }
  });
}

/** Weights, configuration and tokenizer at the top of the repository. */
function wantedFiles(info: HubInfo, repo: string): RemoteFile[] {
  const wanted = info.siblings.filter(
    ({ rfilename }) =>
      !rfilename.includes("/") && /\.(safetensors|json|jinja|txt)$|^LICENSE|^README\.md$/.test(rfilename),
  );
  return wanted.map((file) => ({
    path: file.rfilename,
    url: `/${repo}/resolve/${info.sha}/${encodeURIComponent(file.rfilename)}`,
    bytes: file.lfs?.size ?? file.size ?? undefined,
    sha256: file.lfs?.sha256,
    gitSha1: file.lfs == null ? (file.blobId ?? undefined) : undefined,
  }));
}

async function fetchAll(
  files: RemoteFile[],
  folder: string,
  what: string,
  client: HubClient,
  options: DownloadSafetensorsOptions & { page: string },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  // The configuration first: what cannot be trained is not downloaded.
  const ordered = [...files].sort((a, b) => Number(b.path === "config.json") - Number(a.path === "config.json"));
  if (ordered[0]?.path !== "config.json")
    throw new LocalEngineError("bad-base-model", `${what} holds no config.json. Name the model's own repository`);
  const totalBytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  await requireSpace(folder, totalBytes, options.freeBytes);
  options.say(`Downloading ${what}, ${formatBytes(totalBytes)}, from ${client.url}.`);
  let done = 0;
  for (const file of ordered) {
    const target = join(folder, posix.basename(file.path));
    const onBytes = (bytes: number) =>
      options.onProgress?.({ phase: "download", file: file.path, doneBytes: done + bytes, totalBytes });
    if ((await stat(target).catch(() => undefined))?.size !== file.bytes || file.bytes === undefined)
      await fetchFile(file, target, client, { ...options, onBytes });
    if (file.path === "config.json") checkArchitecture(await readFile(target, "utf8"), `${what}, config.json`);
    done += file.bytes ?? 0;
  }
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
