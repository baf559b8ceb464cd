import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A repository of the fake hub. */
export interface FakeRepo {
  files: Record<string, Buffer>;
  license?: string;
  /** Files only for the token `granted`. */
  gated?: boolean;
  /** Revisions other than `main` and the commit. */
  revisions?: string[];
  /** Default: a commit made from the files. */
  commit?: string;
}

/** What the storage host does wrong with one request. */
export type Fault =
  /** Send so many bytes of the body, and cut the connection when `received` says that they have arrived. */
  | { kind: "cut"; after: number }
  | { kind: "status"; status: number; retryAfter?: number }
  /** Send the whole file whatever range is asked for. */
  | { kind: "ignore-range" }
  /** Change one byte. */
  | { kind: "corrupt" }
  /** Append bytes to the file. */
  | { kind: "longer" }
  /** Hold the answer until `release` is called. */
  | { kind: "hold" };

/** A connection to be cut when the client has the file up to `at`. */
interface Cut {
  at: number;
  now(): void;
}

export interface SeenRequest {
  host: "hub" | "storage";
  path: string;
  headers: IncomingMessage["headers"];
}

/** A server that answers like the Hugging Face hub, with a second host for large files. */
export interface HubServer {
  url: string;
  repos: Record<string, FakeRepo>;
  /** Faults of the coming storage requests, first in, first out. */
  faults: Fault[];
  /** Status of every coming answer of the hub itself; 0: as it should be. */
  hubStatus: number;
  /** Goes into the storage host's ETag; change it and the file counts as another one. */
  etagSalt: string;
  seen: SeenRequest[];
  release(): void;
  /** A client has written this file up to here. An unread byte would be lost with its connection, so a cut waits for this. */
  received(bytes: number): void;
  close(): Promise<void>;
}

/** Starts the hub on free loopback ports. */
export async function startHubServer(repos: Record<string, FakeRepo>): Promise<HubServer> {
  const held: (() => void)[] = [];
  const cuts: Cut[] = [];
  const hub: HubServer = {
    ...{ url: "", repos, faults: [], hubStatus: 0, etagSalt: "", seen: [] },
    received: (bytes) => {
      while (cuts[0] !== undefined && cuts[0].at <= bytes) cuts.shift()!.now();
    },
    release: () => held.splice(0).forEach((go) => void go()),
    close: async () => void (await Promise.all([stop(front), stop(storage)])),
  };
  const storage = createServer((request, response) => {
    hub.seen.push({ host: "storage", path: request.url ?? "", headers: request.headers });
    const fault = hub.faults.shift();
    const answer = () => serveFile(hub, fault, cuts, request, response);
    if (fault?.kind === "hold") held.push(answer);
    else answer();
  });
  const storageUrl = await start(storage);
  const front = createServer((request, response) => {
    hub.seen.push({ host: "hub", path: request.url ?? "", headers: request.headers });
    serveHub(hub, storageUrl, request, response);
  });
  hub.url = await start(front);
  return hub;
}

/** The commit a repository of these files is at. */
export function commitOf(repo: FakeRepo): string {
  const hash = createHash("sha1");
  for (const [file, bytes] of Object.entries(repo.files)) hash.update(file).update(bytes);
  return repo.commit ?? hash.digest("hex");
}

function serveHub(
  hub: HubServer,
  storageUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
): ServerResponse {
  if (hub.hubStatus !== 0) return refuse(response, hub.hubStatus, "", "the hub is ill");
  const url = new URL(request.url ?? "/", hub.url);
  if (url.pathname === "/api/models") {
    const word = url.searchParams.get("search")?.toLowerCase() ?? "";
    const found = Object.keys(hub.repos).filter((id) => id.toLowerCase().includes(word.slice(0, 4)));
    return response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify(found.map((id) => ({ id }))));
  }
  const api = /^\/api\/(?:models|datasets)\/([^/]+\/[^/]+)\/revision\/([^/]+)$/.exec(url.pathname);
  const resolve = /^\/(?:datasets\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname);
  const id = (api ?? resolve)?.[1] ?? "";
  const repo = hub.repos[id];
  if (repo === undefined) return refuse(response, 401, "RepoNotFound", "Invalid username or password.");
  const revision = decodeURIComponent((api ?? resolve)![2]!);
  const commit = commitOf(repo);
  if (![commit, "main", ...(repo.revisions ?? [])].includes(revision))
    return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  if (api !== null) return sendInfo(id, repo, commit, response);
  if (repo.gated && request.headers.authorization !== "Bearer granted")
    return refuse(
      response,
      request.headers.authorization === undefined ? 401 : 403,
      "GatedRepo",
      `Access to model ${id} is restricted.`,
    );
  const file = decodeURIComponent(resolve![3]!);
  if (repo.files[file] === undefined) return refuse(response, 404, "EntryNotFound", "Entry not found");
  const found = {
    location: `${storageUrl}/${id}/${encodeURIComponent(file)}?signature=secret`,
    "x-repo-commit": commit,
    "x-linked-etag": `"${sha256(repo.files[file])}"`,
  };
  return response.writeHead(302, found).end(`Found. Redirecting to ${storageUrl}`);
}

function sendInfo(id: string, repo: FakeRepo, commit: string, response: ServerResponse): ServerResponse {
  const siblings = Object.entries(repo.files).map(([rfilename, bytes]) => ({
    ...{ rfilename, size: bytes.length, blobId: gitSha1(bytes) },
    // As on the hub, small text files are not in large file storage.
    ...(/\.(gguf|parquet|gz)$/.test(rfilename) && {
      lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 135 },
    }),
  }));
  const info = { id, sha: commit, gated: repo.gated ? "auto" : false, cardData: { license: repo.license }, siblings };
  return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(info));
}

function serveFile(
  hub: HubServer,
  fault: Fault | undefined,
  cuts: Cut[],
  request: IncomingMessage,
  response: ServerResponse,
): ServerResponse {
  if (fault?.kind === "status") {
    const retry = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    return response.writeHead(fault.status, retry).end("no");
  }
  const [owner, repo, file] = new URL(request.url ?? "/", "http://storage").pathname.slice(1).split("/");
  let bytes = Buffer.from(hub.repos[`${owner}/${repo}`]!.files[decodeURIComponent(file!)]!);
  const etag = `"${sha256(bytes).slice(0, 32)}${hub.etagSalt}"`;
  if (fault?.kind === "corrupt") bytes[bytes.length - 1]! ^= 1;
  if (fault?.kind === "longer") bytes = Buffer.concat([bytes, Buffer.alloc(100)]);
  if (request.headers["if-match"] !== undefined && request.headers["if-match"] !== etag)
    return response.writeHead(412).end();
  const asked = fault?.kind === "ignore-range" ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const start = Number(asked ?? 0);
  if (start >= bytes.length) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
  const body = bytes.subarray(start);
  response.writeHead(asked === undefined ? 200 : 206, {
    ...{ etag, "accept-ranges": "bytes", "content-length": body.length },
    ...(asked !== undefined && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (fault?.kind !== "cut") return response.end(body);
  cuts.push({ at: start + fault.after, now: () => response.destroy() });
  response.write(body.subarray(0, fault.after));
  return response;
}

function refuse(response: ServerResponse, status: number, code: string, error: string): ServerResponse {
  const headers = { "content-type": "application/json", "x-error-code": code, "x-error-message": error };
  return response.writeHead(status, headers).end(JSON.stringify({ error }));
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Id of the bytes as a git blob. */
function gitSha1(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

async function start(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
}
