import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = fileURLToPath(new URL("../../node_modules/.cache/cerm-bench", import.meta.url));

/** What cerm is compared with; every Python package has an environment of its own, because their needs contradict. */
export const peers = {
  autoevals: { from: "npm", package: "autoevals", version: "0.3.0" },
  openjudge: { from: "pypi", package: "py-openjudge", version: "0.2.4" },
  deepeval: { from: "pypi", package: "deepeval", version: "4.3.1" },
  datasketch: { from: "pypi", package: "datasketch", version: "2.0.0", with: ["datasets==5.2.0"] },
  "llama-cpp-python": { from: "pypi", package: "llama-cpp-python", version: "0.3.36" },
};

/**
 * Installs a peer where it is not there yet (pip or npm, pinned, no install scripts of npm packages). Gives
 * `{version, python}` or `{version, module}`; rejects with a line that says what failed.
 */
export async function ensurePeer(name, { python, say = console.error } = {}) {
  const peer = peers[name];
  if (peer === undefined) throw new Error(`unknown peer ${name}; there are ${Object.keys(peers).join(", ")}`);
  return peer.from === "npm" ? ensureNpm(peer, say) : ensurePip(name, peer, python, say);
}

async function ensureNpm(peer, say) {
  const prefix = join(cache, "npm");
  const folder = join(prefix, "node_modules", peer.package);
  const installed = await readFile(join(folder, "package.json"), "utf8").then(JSON.parse, () => undefined);
  if (installed?.version !== peer.version) {
    say(`installing ${peer.package} ${peer.version} with npm`);
    await mkdir(prefix, { recursive: true });
    const flags = ["--prefix", prefix, "--ignore-scripts", "--no-audit", "--no-fund"];
    await run("npm", ["install", ...flags, `${peer.package}@${peer.version}`]).catch(shortened);
  }
  return { version: peer.version, module: folder };
}

async function ensurePip(name, peer, given, say) {
  const environment = join(cache, `venv-${name}`);
  const python = given ?? join(environment, "bin", "python");
  const present = await versionIn(python, peer.package);
  if (given !== undefined) {
    if (present === undefined) throw new Error(`${given} has no ${peer.package}`);
    return { version: present, python };
  }
  if (present !== peer.version) {
    say(`installing ${peer.package} ${peer.version} with pip; packages without a wheel for this machine are compiled`);
    await mkdir(cache, { recursive: true });
    if (!existsSync(python)) await run("python3", ["-m", "venv", environment]).catch(shortened);
    const packages = [`${peer.package}==${peer.version}`, ...(peer.with ?? [])];
    await run(python, ["-m", "pip", "install", "--quiet", ...packages]).catch(shortened);
  }
  return { version: peer.version, python };
}

/** Version of a package in a Python environment; undefined where either is missing. */
async function versionIn(python, name) {
  const code = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))";
  return run(python, ["-c", code, name]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

function shortened(error) {
  const lines = String(error.stderr || error.message)
    .trim()
    .split("\n");
  throw new Error(lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1));
}
