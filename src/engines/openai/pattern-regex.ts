import type { Pattern } from "./form-pattern.ts";

/** A pattern as a regular expression (whole text, no anchors, no look-around), in the syntax that Python, Rust and JavaScript share. */
export function patternToRegex(pattern: Pattern): string {
  switch (pattern.kind) {
    case "text":
      return pattern.text.replace(/[\\^$.|?*+()[\]{}]/g, "\\$&").replace(/[\n\r\t]/g, control);
    case "chars":
      return `[${pattern.except ? "^" : ""}${pattern.chars.map(classCharacter).join("")}]`;
    case "sequence":
      return pattern.items.map((item) => (item.kind === "either" ? group(item) : patternToRegex(item))).join("");
    case "either":
      return pattern.items.map(patternToRegex).join("|");
    case "repeat":
      return atom(pattern.item) + quantifier(pattern.min, pattern.max);
  }
}

function group(pattern: Pattern): string {
  return `(${patternToRegex(pattern)})`;
}

function atom(pattern: Pattern): string {
  return pattern.kind === "chars" ? patternToRegex(pattern) : group(pattern);
}

function quantifier(min: number, max: number | undefined): string {
  if (max === undefined) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function classCharacter(character: string): string {
  if (character === "\0") return "\\x00";
  return /[\\\]^[-]/.test(character) ? `\\${character}` : character.replace(/[\n\r\t]/, control);
}

function control(character: string): string {
  return character === "\n" ? "\\n" : character === "\r" ? "\\r" : "\\t";
}
