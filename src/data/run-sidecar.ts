import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../core/errors.ts";
import { stableHash, stableJson } from "../core/hash.ts";
import { replaceFile } from "./replace-file.ts";
import { shorten } from "./shorten.ts";

/** What results depend on: model, prompt pack, mode, sampling and so on, as JSON. */
export type RunSettings = Record<string, unknown>;

const sidecarSchema = z.object({ run: z.string(), settings: z.record(z.string(), z.unknown()) });
export type RunSidecar = z.infer<typeof sidecarSchema>;

/** Short hash of the settings, 12 hexadecimal digits: equal settings, equal run. */
export function runOfSettings(settings: RunSettings): string {
  return stableHash(settings).slice(0, 12);
}

/** The settings beside a results file, for people and for saying what differs. */
export function sidecarPath(resultsPath: string): string {
  return `${resultsPath}.run.json`;
}

/** Undefined where there is no sidecar at the path or it cannot be read as one. */
export async function readSidecar(path: string): Promise<RunSidecar | undefined> {
  try {
    return sidecarSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

/** Writes the sidecar as a whole or not at all. `about` stands beside run and settings and is not compared. */
export async function writeSidecar(
  path: string,
  sidecar: RunSidecar,
  about: Record<string, unknown> = {},
): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ ...about, ...sidecar }, null, 2)}\n`);
}

/** Says that a line is of other settings, and which. */
export function otherRunError(
  path: string,
  line: number,
  now: RunSettings,
  before: RunSidecar | undefined,
): InputError {
  const shown = before === undefined ? "" : describeSettingDifferences(before.settings, now);
  const what = shown === "" ? "" : ` (${shown})`;
  return new InputError(
    `this result was made with other settings${what}; repeat the command with the same settings, or choose another file`,
    { file: path, line, field: "run" },
  );
}

/** The settings that differ, by dotted name, five of them at most: `seed was 0 and is now 1; ...`. Empty where none does. */
export function describeSettingDifferences(before: RunSettings, now: RunSettings): string {
  const differences = settingDifferences(before, now, "").map(
    ({ name, from, to }) => `${name} was ${from} and is now ${to}`,
  );
  return differences.slice(0, 5).join("; ") + (differences.length > 5 ? `; and ${differences.length - 5} more` : "");
}

/** The members that differ, by dotted name. */
function settingDifferences(before: unknown, now: unknown, name: string): { name: string; from: string; to: string }[] {
  if (stableJson(before ?? null) === stableJson(now ?? null)) return [];
  if (isObject(before) && isObject(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((key) => settingDifferences(before[key], now[key], name === "" ? key : `${name}.${key}`));
  }
  return [{ name, from: shorten(before), to: shorten(now) }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
