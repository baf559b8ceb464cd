import { posix } from "node:path";
import { z } from "zod";
import { chooseGguf } from "./choose-gguf.ts";
import { modelNameOf, shardOf } from "./gguf-shards.ts";
import type { HubClient } from "./hub-client.ts";
import { readHubInfo } from "./hub-info.ts";
import { ModelError } from "./model-error.ts";
import type { HubSpec } from "./model-spec.ts";

/** A file of a repository at a commit. */
export interface HubFile {
  path: string;
  bytes: number;
  /** SHA-256 (hex) of a file in large file storage, where every GGUF of the hub is. */
  sha256: string;
  /** Path of the request that gives its bytes. */
  url: string;
}

/** What a pull from the hub will fetch. */
export interface HubPlan {
  name: string;
  /** `hf:owner/repo/file@commit`. */
  source: string;
  files: HubFile[];
  bytes: number;
  license?: string;
  /** The repository's page, for people. */
  page: string;
}

/**
 * Asks the hub what a spec stands for: the commit it is pinned to, the files, their sizes and hashes. Nothing is downloaded.
 * Throws a `ModelError`.
 */
export async function planHubPull(spec: HubSpec, client: HubClient, signal?: AbortSignal): Promise<HubPlan> {
  const repo = `${spec.owner}/${spec.repo}`;
  const page = `${client.url}/${repo}`;
  const revision = spec.revision ?? "main";
  const what = `hf:${repo}${spec.revision ? `@${spec.revision}` : ""}`;
  const info = await readHubInfo({ kind: "models", repo, revision }, client, { what, page, signal }).catch(
    async (error: unknown) => {
      throw error instanceof ModelError ? await withNearRepos(error, spec, client, signal) : error;
    },
  );
  const where = `hf:${repo} at commit ${info.sha.slice(0, 7)}`;
  const chosen = chooseGguf(
    info.siblings.map((file) => file.rfilename),
    spec.file,
    where,
  );
  const files = chosen.map((path) => {
    const { lfs } = info.siblings.find((file) => file.rfilename === path)!;
    if (lfs == null)
      throw new ModelError(
        "hub-error",
        `${where}: the hub gives no SHA-256 for ${path}, so it cannot be checked. Name another file`,
      );
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    return { path, bytes: lfs.size, sha256: lfs.sha256, url: `/${repo}/resolve/${info.sha}/${encoded}` };
  });
  const license = info.cardData?.license;
  return {
    name: modelNameOf(chosen[0]!),
    source: `hf:${repo}/${chosen[0]}@${info.sha}`,
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    ...(typeof license === "string" && { license }),
    page,
  };
}

/** What a pulled model's source says of the hub, or `undefined` where it is not from there. */
export function matchesHubSpec(source: string, spec: HubSpec): boolean {
  const prefix = `hf:${spec.owner}/${spec.repo}/`.toLowerCase();
  if (!source.toLowerCase().startsWith(prefix)) return false;
  const at = source.lastIndexOf("@");
  const [file, commit] = [source.slice(prefix.length, at), source.slice(at + 1)];
  const sameFile =
    spec.file === undefined ||
    spec.file === file ||
    spec.file === posix.basename(file) ||
    (shardOf(file) !== undefined && modelNameOf(spec.file) === modelNameOf(file));
  // Only a commit can be compared without asking the hub; a branch may have moved.
  const sameRevision =
    spec.revision === undefined || (/^[0-9a-f]{7,64}$/.test(spec.revision) && commit.startsWith(spec.revision));
  return sameFile && sameRevision;
}

/** Adds names of repositories that exist to the error for one that does not. Asking for them may fail; then there are none. */
async function withNearRepos(
  error: ModelError,
  spec: HubSpec,
  client: HubClient,
  signal?: AbortSignal,
): Promise<ModelError> {
  if (error.status !== 404 && error.status !== 401) return error;
  if (error.message.includes("no such revision")) return error;
  try {
    const words = spec.repo.replace(/-gguf$/i, "");
    const response = await client.get(`/api/models?search=${encodeURIComponent(words)}&filter=gguf&limit=5`, {
      signal,
    });
    const found = z.array(z.object({ id: z.string() })).parse(JSON.parse(await response.body.text()));
    if (found.length === 0) return error;
    const names = found.map((model) => model.id).join(", ");
    return new ModelError(error.code, `${error.message} Near names: ${names}`, { status: error.status });
  } catch {
    signal?.throwIfAborted();
    return error;
  }
}
