import type { Form, FormPart } from "../../../core/form.ts";
import type { FormChoice } from "../../engine.ts";
import { findStop } from "../../find-stop.ts";

type FlatPart = Exclude<FormPart, { kind: "repeat" }>;

/** Whether a text has a form's shape, where its choices are as they are listed, in order, at their offsets. */
export function matchesForm(form: Form, text: string, choices: readonly FormChoice[]): boolean {
  const parts = form.parts.flatMap((part) => (part.kind === "repeat" ? flatten(part, choices) : [part]));
  const failed = new Set<string>();
  const match = (index: number, position: number, chosen: number): boolean => {
    const part = parts[index];
    if (part === undefined) return position === text.length && chosen === choices.length;
    const key = `${index} ${position}`;
    if (failed.has(key)) return false;
    const matched = matchPart(part, position, chosen, (end, used) => match(index + 1, end, used));
    if (!matched) failed.add(key);
    return matched;
  };
  const matchPart = (
    part: FlatPart,
    position: number,
    chosen: number,
    next: (end: number, used: number) => boolean,
  ) => {
    if (part.kind === "fixed") return text.startsWith(part.text, position) && next(position + part.text.length, chosen);
    if (part.kind === "choice") {
      const choice = choices[chosen];
      if (choice === undefined || choice.offset !== position || !part.options.includes(choice.chosen)) return false;
      if (!choice.name.endsWith(part.name) || !text.startsWith(choice.chosen, position)) return false;
      return next(position + choice.chosen.length, chosen + 1);
    }
    for (let end = position + 1; end <= text.length; end++) {
      const piece = text.slice(position, end);
      if (findStop(piece, part.stop) !== -1) return false;
      if (piece.trimEnd() === piece && next(end, chosen)) return true;
    }
    return false;
  };
  return match(0, 0, 0);
}

/** The parts of as many items as the choices say there are, with the choices between them. */
function flatten(part: Extract<FormPart, { kind: "repeat" }>, choices: readonly FormChoice[]): FlatPart[] {
  const open = (item: number) => part.open.replaceAll("{i}", String(item));
  const fixed = (text: string): FlatPart => ({ kind: "fixed", text });
  const decisions = choices.filter(({ name }) => name === `${part.name}-more`);
  const flat: FlatPart[] = [fixed(open(1))];
  for (let item = 1; ; item++) {
    flat.push(...part.parts);
    if (item === part.max) return [...flat, fixed(part.close)];
    if (item < part.min) flat.push(fixed(open(item + 1)));
    else {
      const decision = decisions[item - part.min];
      flat.push({ kind: "choice", name: `${part.name}-more`, options: [open(item + 1), part.close] });
      if (decision === undefined || decision.chosen === part.close) return flat;
    }
  }
}
