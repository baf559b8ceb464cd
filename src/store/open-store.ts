import { posix, win32 } from "node:path";
import { fileURLToPath } from "node:url";
import { dataDirectory } from "../core/data-directory.ts";
import { InputError } from "../core/errors.ts";
import { memoryStore } from "./memory-store.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import type { Store } from "./store.ts";

export interface OpenStoreOptions {
  /** Milliseconds since 1970, for `created_at`. Default: the system's clock. */
  clock?: () => number;
  /** How long a put may wait for others to share its transaction, in milliseconds. Default 2. */
  waitMilliseconds?: number;
  /** PostgreSQL: most connections of this process. Default 8. */
  maxConnections?: number;
}

/**
 * Opens the store a URL names and brings its schema up to date: a path or `file:PATH` (SQLite), `:memory:` (SQLite,
 * gone on close), `postgres://...`, or `none` (a bounded cache in memory). Creates folders and tables. Throws
 * `InputError` for another URL, `CermError` `store-failed` where it cannot be opened and `store-version` where a newer
 * program made it.
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  const { clock = Date.now, waitMilliseconds = 2, maxConnections = 8 } = options;
  if (url === "none") return memoryStore();
  if (/^postgres(ql)?:\/\//.test(url)) return await openPostgresStore(url, { clock, waitMilliseconds, maxConnections });
  return await openSqliteStore(sqlitePath(url), { clock, waitMilliseconds });
}

function sqlitePath(url: string): string {
  if (url.startsWith("file://")) return fileURLToPath(url);
  const path = url.startsWith("file:") ? url.slice("file:".length) : url;
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1];
  if (path === "" || scheme !== undefined) {
    const got = scheme === undefined ? "an empty path" : `"${scheme}://..."`;
    throw new InputError(`expected file:PATH, a path, :memory:, postgres://... or none, got ${got}`, {
      field: "store",
    });
  }
  return path;
}

/** The store of a user who names none: `store.db` in the data directory, as a `file:` URL. */
export function defaultStoreUrl(
  env: Record<string, string | undefined> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { join } = platform === "win32" ? win32 : posix;
  return `file:${join(dataDirectory(env, platform), "store.db")}`;
}
