import { optionalText } from "./fields.ts";
import { hasFields, isObjectList } from "./has-fields.ts";
import { eachRow, type Preset } from "./preset.ts";
import { responsePair } from "./response-pair.ts";

const fields = { chosen: "chosen", rejected: "rejected" };

/** Skywork-Reward-Preference-80K (v0.1 and v0.2): two whole conversations and the collection they were taken from. */
export const skyworkRewardPreference: Preset = {
  name: "skywork-reward-preference-80k",
  title: "Skywork-Reward-Preference-80K",
  url: "https://huggingface.co/datasets/Skywork/Skywork-Reward-Preference-80K-v0.2",
  licence: null,
  shippable: false,
  gives: "one pair",
  strength: null,
  caveat: "v0.1 holds prompts of RewardBench; v0.2 is without 4,957 of them",
  recognises: (row) =>
    hasFields(row, "chosen", "rejected", "source") &&
    Object.keys(row).length === 3 &&
    isObjectList(row.chosen) &&
    isObjectList(row.rejected),
  open: () => eachRow((row) => responsePair(row, fields, { source: optionalText(row, "source") })),
};
