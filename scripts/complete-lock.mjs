// Adds to package-lock.json the optional packages of other platforms that npm left out of it, which it does when a
// registry has no metadata of them: `npm ci` refuses such a lock everywhere. They get the exact version their parent
// asks for; os, cpu and libc follow from their names, so that npm skips them where they do not belong.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));
const systems = { linux: "linux", mac: "darwin", darwin: "darwin", win: "win32", win32: "win32", android: "android" };
const added = [];
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] !== undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    const words = name.split("/").at(-1).split("-");
    const os = words.map((word) => systems[word]).find(Boolean);
    const cpu = words.find((word) => /^(x64|arm64|armv7l|arm|ia32|riscv64)$/.test(word));
    if (os === undefined || cpu === undefined) throw new Error(`cannot tell the platform of ${name}`);
    const libc = words.includes("musl") ? { libc: ["musl"] } : {};
    const dev = parent.dev ? { dev: true } : {};
    lock.packages[place] = {
      version,
      cpu: [cpu === "armv7l" ? "arm" : cpu],
      ...dev,
      ...libc,
      optional: true,
      os: [os],
    };
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length === 0 ? "package-lock.json is complete" : `added ${added.join(", ")}`);
