import { InputError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { arena } from "./arena.ts";
import { arena55k } from "./arena-55k.ts";
import { autoJ } from "./auto-j.ts";
import { helpsteer2 } from "./helpsteer-2.ts";
import { helpsteer2Preference } from "./helpsteer-2-preference.ts";
import { helpsteer3 } from "./helpsteer-3.ts";
import { hhRlhf } from "./hh-rlhf.ts";
import { llmfao } from "./llmfao.ts";
import { nectar } from "./nectar.ts";
import { normal } from "./normal.ts";
import { pairs } from "./pairs.ts";
import { pandalm } from "./pandalm.ts";
import type { Preset } from "./preset.ts";
import { qaFeedback } from "./qa-feedback.ts";
import { skyworkRewardPreference } from "./skywork-reward-preference.ts";
import { tulu3 } from "./tulu-3.ts";
import { ultrafeedback } from "./ultrafeedback.ts";
import { ultrafeedbackBinarized } from "./ultrafeedback-binarized.ts";

/** The known shapes of preference data, in the order in which they are tried on a file. */
export const presets: readonly Preset[] = [
  normal,
  skyworkRewardPreference,
  ultrafeedbackBinarized,
  ultrafeedback,
  helpsteer2,
  helpsteer2Preference,
  helpsteer3,
  hhRlhf,
  tulu3,
  nectar,
  arena,
  arena55k,
  autoJ,
  qaFeedback,
  llmfao,
  pandalm,
  pairs,
];

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
