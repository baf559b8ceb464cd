import type { RemoteFile } from "../../engines/models/fetch-file.ts";
import type { HubClient } from "../../engines/models/hub-client.ts";
import { readHubInfo } from "../../engines/models/hub-info.ts";
import { ModelError } from "../../engines/models/model-error.ts";
import type { DataFile, DataSet } from "../data-set.ts";

/** Where a data set's files are, at which commit. */
export interface RemoteSet {
  commit: string;
  page: string;
  files: RemoteFile[];
}

/**
 * The files of a data set at its commit, `commit` where it was pinned before. The hub is asked for sizes and checksums,
 * which must agree with those that are known here; GitHub has none to ask for. Throws a `ModelError`.
 */
export async function remoteFiles(
  set: DataSet,
  commit: string | undefined,
  client: HubClient,
  signal?: AbortSignal,
): Promise<RemoteSet> {
  if (set.host === "github") {
    const url = (path: string) => `/${set.repo}/${set.revision}/${encodePath(path)}`;
    const files = set.files.map((file) => ({ ...file, url: url(file.path) }));
    return { commit: set.revision, page: `https://github.com/${set.repo}`, files };
  }
  const page = `${client.url}/datasets/${set.repo}`;
  const what = `data set ${set.repo}`;
  const revision = commit ?? set.revision;
  const info = await readHubInfo({ kind: "datasets", repo: set.repo, revision }, client, { what, page, signal });
  const files = set.files.map((file): RemoteFile => {
    const found = info.siblings.find(({ rfilename }) => rfilename === file.path);
    if (found === undefined)
      throw new ModelError("model-not-found", `${what} at commit ${info.sha} has no file ${file.path}. See ${page}`);
    const stated = {
      bytes: found.lfs?.size ?? found.size ?? undefined,
      sha256: found.lfs?.sha256,
      gitSha1: found.lfs == null ? (found.blobId ?? undefined) : undefined,
    };
    requireSame(file, stated, `${file.path} of ${what}`);
    return {
      ...{ path: file.path, bytes: stated.bytes, sha256: file.sha256 ?? stated.sha256, gitSha1: stated.gitSha1 },
      url: `/datasets/${set.repo}/resolve/${info.sha}/${encodePath(file.path)}`,
    };
  });
  return { commit: info.sha, page, files };
}

function requireSame(known: DataFile, stated: { sha256?: string }, what: string): void {
  if (known.sha256 === undefined || stated.sha256 === undefined || known.sha256 === stated.sha256) return;
  throw new ModelError(
    "hash-mismatch",
    `${what}: the hub states the SHA-256 ${stated.sha256}, expected ${known.sha256}. It is not the official file; name one with --data`,
  );
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
