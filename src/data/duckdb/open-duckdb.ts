import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

export interface DuckdbOptions {
  /** The database's file, made with its folder where it is not there. Default: a temporary one, removed at the end. */
  path?: string;
  /** Most memory of DuckDB's buffers in MiB; beyond it, it works on disk. Default 512. */
  memoryMiB?: number;
  /** Threads of a query. Default: DuckDB's own choice, the processor's cores. */
  threads?: number;
  /** Where the temporary database and what does not fit in memory go. Default: the system's folder for such files. */
  temporaryFolder?: string;
}

/** An open database with a first connection; disposing of it closes both and removes what was temporary. */
export interface Duckdb extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** The database's file. */
  readonly path: string;
  /** A further connection, closed with the database. */
  connect(): Promise<DuckDBConnection>;
}

/**
 * Opens an embedded DuckDB on disk, so that its tables may be larger than memory. It loads nothing from the network.
 * `await using db = await openDuckdb()`.
 */
export async function openDuckdb(options: DuckdbOptions = {}): Promise<Duckdb> {
  const { memoryMiB = 512, threads, temporaryFolder = tmpdir() } = options;
  await mkdir(temporaryFolder, { recursive: true });
  const scratch = await mkdtemp(join(temporaryFolder, "cerm-duckdb-"));
  const path = options.path ?? join(scratch, "data.duckdb");
  const connections: DuckDBConnection[] = [];
  let instance: DuckDBInstance | undefined;
  const close = async () => {
    for (const connection of connections.splice(0)) connection.closeSync();
    instance?.closeSync();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    await mkdir(dirname(path), { recursive: true });
    // Loaded where it is used: 34 MB that most commands have no use for.
    const duckdb = await import("@duckdb/node-api");
    instance = await duckdb.DuckDBInstance.create(path, {
      memory_limit: `${memoryMiB}MiB`,
      temp_directory: join(scratch, "spill"),
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      ...(threads === undefined ? {} : { threads: String(threads) }),
    });
    const opened = instance;
    const connect = async () => {
      const connection = await opened.connect();
      connections.push(connection);
      return connection;
    };
    return { connection: await connect(), path, connect, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
