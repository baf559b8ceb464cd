import { spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, cpus } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { stableHash } from "../../core/hash.ts";
import type { Environment } from "../../engines/models/hub-client.ts";
import type { BaseModel } from "./base-model.ts";
import type { EnginePaths } from "./engine-paths.ts";
import type { EngineState } from "./engine-state.ts";
import type { PythonEnvironment } from "./install-environment.ts";
import { LocalEngineError } from "./local-engine-error.ts";

export interface LaunchOptions {
  paths: EnginePaths;
  environment: PythonEnvironment;
  model: BaseModel;
  port: number;
  backendConfig: Record<string, unknown>;
  env: Environment;
}

/**
 * Starts SkyRL in a process group of its own, which outlives this process, and returns what is known of it. It is not
 * ready yet. Throws a `LocalEngineError` where it does not start.
 */
export async function launchEngine(options: LaunchOptions): Promise<EngineState> {
  const { paths, environment, model, port, backendConfig } = options;
  await mkdir(paths.checkpoints, { recursive: true });
  const log = await open(paths.log, "w");
  try {
    const child = spawn(environment.uv, serverArguments(options), {
      cwd: paths.directory,
      env: serverEnvironment(options) as NodeJS.ProcessEnv,
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (cause) =>
        reject(new LocalEngineError("engine-died", `${environment.uv} does not start: ${cause.message}`, { cause })),
      );
    });
    child.unref();
    return {
      pid: child.pid!,
      port,
      url: `http://127.0.0.1:${port}`,
      model,
      accelerator: environment.accelerator,
      backendConfig,
      log: paths.log,
      checkpoints: paths.checkpoints,
      startedAt: new Date().toISOString(),
      ready: false,
    };
  } finally {
    await log.close();
  }
}

/** SkyRL reads the options between `uv run` and `-m` from its parent's command line and starts its engine with the same. */
function serverArguments({ paths, environment, model, port, backendConfig }: LaunchOptions): string[] {
  return [
    ...["run", "--no-project", "--offline", "--python", environment.python, "-m", "skyrl.tinker.api"],
    ...["--base-model", model.path, "--backend", "jax", "--backend-config", JSON.stringify(backendConfig)],
    ...["--host", "127.0.0.1", "--port", String(port)],
    ...["--checkpoints-base", paths.checkpoints, "--database-url", `sqlite:///${paths.database}`],
  ];
}

function serverEnvironment({ environment, env }: LaunchOptions): Environment {
  // SkyRL calls uv by its name.
  const path = isAbsolute(environment.uv) ? [dirname(environment.uv), env.PATH].join(delimiter) : env.PATH;
  return {
    ...env,
    PATH: path,
    VIRTUAL_ENV: environment.path,
    JAX_PLATFORMS: environment.accelerator === "cpu" ? "cpu" : "cuda,cpu",
    // Compiled programs are kept, so that a restart does not compile all shapes anew.
    JAX_COMPILATION_CACHE_DIR: env.JAX_COMPILATION_CACHE_DIR || join(environment.path, "compiled", processorKey()),
    GLIBC_TUNABLES: env.GLIBC_TUNABLES || keptMemory,
    // The model lies in a folder; nothing is to be asked from the hub.
    HF_HUB_OFFLINE: "1",
    PYTHONUNBUFFERED: "1",
    // Width of log lines, which are wrapped.
    COLUMNS: "400",
    NO_COLOR: "1",
  };
}

/**
 * XLA asks malloc for every step's tensors anew. By default glibc takes them from the kernel and gives them back, page by
 * page: on a processor a fifth of the time. So memory is kept, in huge pages where there are some. Other C libraries ignore it.
 */
const keptMemory = ["hugetlb=1", "mmap_max=0", "trim_threshold=1000000000000", "top_pad=268435456"]
  .map((setting) => `glibc.malloc.${setting}`)
  .join(":");

/** Tells processors apart: a program that was compiled for one may crash on another. */
function processorKey(): string {
  return stableHash([arch(), cpus()[0]?.model]).slice(0, 12);
}

/** A port of the loopback interface that was free a moment ago: the wanted one if it was. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  const listening = await new Promise<boolean>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      wanted !== 0 && error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(wanted, "127.0.0.1", () => resolve(true));
  });
  if (!listening) return freePort();
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
