import { InputError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { hhRlhf } from "./hh-rlhf.ts";
import { normal } from "./normal.ts";
import type { Preset } from "./preset.ts";

/** The known shapes of preference data, in the order in which they are tried on a file. */
export const presets: readonly Preset[] = [normal, hhRlhf];

/** The preset of a name. Throws `InputError` that names those there are. */
export function findPreset(name: string): Preset {
  const found = presets.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  const names = presets.map((preset) => preset.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
  throw new InputError(`there is no preset "${name}"; there are ${names.join(", ")}${hint}`, { field: "preset" });
}

/** The first preset that knows a row's shape. */
export function recognisePreset(row: Record<string, unknown>): Preset | undefined {
  return presets.find((preset) => preset.recognises(row));
}
