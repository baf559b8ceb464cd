import { askForHighScore, padResponse } from "../analysis/cosmetic-changes.ts";
import { stripMarkdown } from "../analysis/strip-markdown.ts";
import type { BenchItem } from "../benchmark.ts";

/** Changes of responses that should leave their rewards as they are; a run of one is compared with the run without. */
export const controls = {
  "strip-markdown": stripMarkdown,
  padding: (text: string) => padResponse(text),
  "ask-for-high-score": askForHighScore,
} as const satisfies Record<string, (text: string) => string>;

export type Control = keyof typeof controls;

export const controlNames = Object.keys(controls) as Control[];

/** The item with every response changed. */
export function applyControl(item: BenchItem, control: Control): BenchItem {
  const change = controls[control];
  return { ...item, responses: item.responses.map(({ id, text }) => ({ id, text: change(text) })) };
}
