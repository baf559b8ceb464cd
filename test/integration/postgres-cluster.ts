import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** The folder with PostgreSQL's server programs: Debian's newest, or the one on the PATH; undefined without any. */
export function findPostgres(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** A PostgreSQL server of its own, in a temporary folder, reached by a socket in it. */
export interface PostgresCluster {
  /** URL of a database in it, which exists for `postgres` only. */
  url(database?: string): string;
  stop(): Promise<void>;
}

/** Makes and starts a server. It refuses to run as root, so root runs it as another user. */
export async function startPostgres(programs: string): Promise<PostgresCluster> {
  // Short, because a socket's path may have about 100 characters.
  const folder = await mkdtemp("/tmp/cerm-pg-");
  const owner = process.getuid?.() === 0 ? otherUser() : undefined;
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
  const data = join(folder, "data");
  const options = { ...owner, cwd: folder, env: { ...process.env, LC_ALL: "C", TZ: "UTC" } };
  let server: ChildProcess | undefined;
  try {
    await promisify(execFile)(
      join(programs, "initdb"),
      ["-D", data, "-U", "cerm", "--auth=trust", "--encoding=UTF8", "--no-sync"],
      options,
    );
    server = spawn(join(programs, "postgres"), ["-D", data, "-k", folder, "-h", "", "-F"], {
      ...options,
      stdio: "pipe",
    });
    await ready(server);
  } catch (error) {
    server?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const running = server;
  return {
    url: (database = "postgres") => `postgres://cerm@localhost/${database}?host=${encodeURIComponent(folder)}`,
    async stop() {
      const exit = once(running, "exit");
      running.kill("SIGINT");
      await exit;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the server says it takes connections; rejects with what it said when it does not. */
async function ready(server: ChildProcess): Promise<void> {
  let said = "";
  for (const stream of [server.stdout!, server.stderr!]) stream.on("data", (data) => (said += data));
  for (let waited = 0; !said.includes("ready to accept connections"); waited += 50) {
    if (server.exitCode !== null || waited > 60_000) throw new Error(`PostgreSQL did not start:\n${said}`);
    await sleep(50);
  }
}

/** The user `postgres`, else `nobody`. */
function otherUser(): { uid: number; gid: number } {
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  if (user === undefined) throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
