import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Functions with the most self time in the CPU profiles of a folder, one a thread: `[{name, where, share}]`, share of the time not idle. */
export function topFunctions(folder, count) {
  const selfTime = new Map();
  let busy = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const [index, id] of samples.entries()) {
      const { functionName, url, lineNumber } = byId.get(id).callFrame;
      if (functionName === "(idle)" || functionName === "(program)") continue;
      busy += timeDeltas[index];
      const place = url.startsWith("file:") ? fileURLToPath(url).replace(root, "") : url;
      const key = `${functionName || "(anonymous)"}|${place === "" ? "native" : `${place}:${lineNumber + 1}`}`;
      selfTime.set(key, (selfTime.get(key) ?? 0) + timeDeltas[index]);
    }
  }
  return [...selfTime]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([key, time]) => ({ name: key.split("|")[0], where: key.split("|")[1], share: time / busy }));
}
