import { isAbsolute, join } from "node:path";

/** Settings with every `path` and `data` in them made absolute, from the recipe's folder. */
export function resolvePaths<Settings>(settings: Settings, folder: string): Settings {
  if (Array.isArray(settings)) return settings.map((one) => resolvePaths(one, folder)) as Settings;
  if (settings === null || typeof settings !== "object") return settings;
  const members = Object.entries(settings).map(([name, value]) => [
    name,
    isPath(name) ? absoluteAll(value, folder) : resolvePaths(value, folder),
  ]);
  return Object.fromEntries(members) as Settings;
}

function isPath(name: string): boolean {
  return name === "path" || name === "data";
}

function absoluteAll(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((one) => absoluteAll(one, folder));
  return typeof value === "string" && !isAbsolute(value) ? join(folder, value) : value;
}
