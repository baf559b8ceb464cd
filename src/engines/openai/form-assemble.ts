import type { Form, FormPart } from "../../core/form.ts";
import { closeJson, cutMark } from "./close-json.ts";

/** The form's text, or why the JSON does not give it. */
export type Assembled = { kind: "text"; text: string } | { kind: "not-json" } | { kind: "mismatch"; problem: string };

/**
 * Puts the form's text together from a JSON answer to its schema, so that the parser of the form's text reads it. Free
 * text ends at the first of its stops. Of an answer that was cut off (`truncated`) as much is put together as is there.
 */
export function assembleForm(form: Form, json: string, truncated: boolean): Assembled {
  let value: unknown;
  try {
    value = JSON.parse(truncated ? closeJson(json) : json);
  } catch {
    return { kind: "not-json" };
  }
  if (!isObject(value)) return { kind: "not-json" };
  const written: string[] = [];
  const problem = write(form.parts, value, written, truncated);
  if (problem !== undefined && !truncated) return { kind: "mismatch", problem };
  return { kind: "text", text: written.join("") };
}

/** Appends the parts' texts; returns what is missing, where it stopped. */
function write(
  parts: FormPart[],
  value: Record<string, unknown>,
  out: string[],
  truncated: boolean,
): string | undefined {
  for (const part of parts) {
    if (part.kind === "fixed") {
      out.push(part.text);
      continue;
    }
    const member = value[part.name];
    if (part.kind === "repeat") {
      if (!Array.isArray(member)) return `"${part.name}" is not a list`;
      for (const [index, item] of member.entries()) {
        if (!isObject(item)) return `"${part.name}" item ${index + 1} is not an object`;
        out.push(part.open.replaceAll("{i}", String(index + 1)));
        const problem = write(part.parts, item, out, truncated);
        if (problem !== undefined) return `"${part.name}" item ${index + 1}: ${problem}`;
      }
      if (member.length < part.min || member.length > part.max) {
        return `"${part.name}" has ${member.length} items, not ${part.min} to ${part.max}`;
      }
      // Nothing follows the list, so it may have been cut off before a further item.
      if (truncated && Object.keys(value).at(-1) === part.name) return `"${part.name}" may be cut off`;
      out.push(part.close);
      continue;
    }
    // A choice that was cut off ends with the mark and is none of the options, even if its beginning is one.
    if (typeof member !== "string") return `"${part.name}" is not a text`;
    if (part.kind === "choice" && !part.options.includes(member)) {
      return `"${part.name}" is ${JSON.stringify(member)}, none of its options`;
    }
    out.push(part.kind === "free" ? cutAtStop(member.replace(cutMark, ""), part.stop) : member);
    if (member.endsWith(cutMark)) return `"${part.name}" was cut off`;
  }
  return undefined;
}

function cutAtStop(text: string, stops: string[]): string {
  const ends = stops.map((stop) => (stop === "" ? -1 : text.indexOf(stop))).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
