import type { OpenJudgeOptions } from "../../judge/open-judge.ts";
import type { Recipe } from "../recipe/recipe.ts";

/** A recipe's judge as options of `openJudge`; what it does not say is left out. */
export function judgeSettings(judge: Recipe["judge"]): OpenJudgeOptions {
  const { baseUrl, ...rest } = judge;
  const given = { ...rest, baseUrl: typeof baseUrl === "string" ? [baseUrl] : baseUrl };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as OpenJudgeOptions;
}
