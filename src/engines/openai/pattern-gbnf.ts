import type { Pattern } from "./form-pattern.ts";

/** llama.cpp refuses a repetition count above 2,000; longer ones are chained below it. */
const longestRepeat = 1000;

/** A pattern as a grammar in llama.cpp's GBNF, with `root` first; equal bounded repeats share one rule. */
export function patternToGbnf(pattern: Pattern): string {
  const rules = new Map<string, string>();
  const rule = (body: string): string => {
    const known = rules.get(body);
    if (known !== undefined) return known;
    const name = `p${rules.size + 1}`;
    rules.set(body, name);
    return name;
  };
  const print = (node: Pattern): string => {
    switch (node.kind) {
      case "text":
        return `"${escapeText(node.text)}"`;
      case "chars":
        return `[${node.except ? "^" : ""}${node.chars.map(classCharacter).join("")}]`;
      case "sequence":
        return node.items.map((item) => (item.kind === "either" ? `(${print(item)})` : print(item))).join(" ");
      case "either":
        return node.items.map(print).join(" | ");
      case "repeat": {
        if (node.min === 0 && node.max === 1) return `(${print(node.item)})?`;
        // What is repeated is a rule of its own: llama.cpp copies a group as often as it may occur and refuses big ones.
        const item = node.item.kind === "chars" ? print(node.item) : rule(print(node.item));
        if (node.max === undefined) return `${item}${node.min === 0 ? "*" : `{${node.min},}`}`;
        return rule(bounded(item, node.min, node.max, rule));
      }
    }
  };
  const root = print(pattern);
  return [`root ::= ${root}`, ...[...rules].map(([body, name]) => `${name} ::= ${body}`), ""].join("\n");
}

/** `min` (0 or 1, or any below the longest repeat) to `max` items; above the longest repeat: fewer, or that many and then more. */
function bounded(item: string, min: number, max: number, rule: (body: string) => string): string {
  if (max <= longestRepeat) return `${item}{${min},${max}}`;
  const more = rule(bounded(item, 0, max - longestRepeat, rule));
  return `${item}{${min},${longestRepeat - 1}} | ${item}{${longestRepeat}} ${more}`;
}

function escapeText(text: string): string {
  return text.replace(/[\\"\n\r\t]/g, (character) =>
    character === "\n" ? "\\n" : character === "\r" ? "\\r" : character === "\t" ? "\\t" : `\\${character}`,
  );
}

function classCharacter(character: string): string {
  // Written as code points where the character means something inside a class.
  if (character < " " || /[\\\]^[-]/.test(character))
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return character;
}
