/** Stands for a piece of code while the text around it is read; a private-use character. */
const placeholder = "\uE000";

/**
 * A Markdown text without its markup, for measuring how much of a score is looks: headings, emphasis, list bullets,
 * quotes, rules, link targets, images, table bars, code fences and back-ticks go; words, code, numbers of lists and line
 * breaks stay. Idempotent on texts without code. What only looks like markup (`2 * 3`, `snake_case`, `**kwargs`) stays.
 */
export function stripMarkdown(text: string): string {
  const codes: string[] = [];
  const keep = (code: string): string => {
    codes.push(code);
    return placeholder;
  };
  let plain = keepingCode(text.replaceAll("\r\n", "\n").split("\n"), keep)
    .filter((line) => !isRule(line))
    .map(withoutLineMarkup)
    .join("\n");
  // Nested emphasis takes a pass per level.
  for (let pass = 0; pass < 4; pass++) plain = withoutInlineMarkup(plain);
  let next = 0;
  return plain.replaceAll(placeholder, () => codes[next++]!);
}

/** The lines with code, fenced or in back-ticks, handed to `keep` in the order of the text; fences are left out. */
function keepingCode(lines: string[], keep: (code: string) => string): string[] {
  let fence: string | undefined;
  return lines.flatMap((line) => {
    const ticks = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/.exec(line)?.[1];
    if (fence === undefined && ticks !== undefined) fence = ticks;
    else if (fence !== undefined && ticks?.startsWith(fence) && line.trim() === ticks) fence = undefined;
    else if (fence !== undefined) return [keep(line)];
    // A placeholder that the text itself has is kept as if it were code.
    else
      return [line.replace(/(?<!`)(`+)(?!`)([^`]+)\1(?!`)|\uE000/g, (whole, _, code?: string) => keep(code ?? whole))];
    return [];
  });
}

/** A horizontal rule, the line under a heading, or the one between a table's head and body. */
function isRule(line: string): boolean {
  const bare = line.replace(/\s/g, "");
  if (/^(\*{3,}|-{3,}|_{3,}|={3,})$/.test(bare)) return true;
  return bare.includes("|") && bare.includes("-") && /^[|:-]+$/.test(bare);
}

function withoutLineMarkup(line: string): string {
  let plain = line;
  for (let level = 0; level < 8; level++) {
    plain = plain
      .replace(/^\s*>\s?/, "")
      .replace(/^\s{0,3}#{1,6}\s+/, "")
      .replace(/^(\s*)[-*+]\s+(\[[ xX]\]\s+)?/, "$1");
  }
  if (/^\s*\|.*\|\s*$/.test(plain)) {
    plain = plain
      .trim()
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim())
      .join("  ");
  }
  return plain;
}

function withoutInlineMarkup(text: string): string {
  return text
    .replace(/!?\[([^[\]\n]*)\]\([^()\s\uE000]*(?:\s+"[^"\n\uE000]*")?\)/g, "$1")
    .replace(/\*\*(?=[^\s*])([^*\n]*[^*\s])\*\*/g, "$1")
    .replace(/(?<![\w_])__(?=[^\s_])([^_\n]*[^_\s])__(?![\w_])/g, "$1")
    .replace(/~~(?=[^\s~])([^~\n]*[^~\s])~~/g, "$1")
    .replace(/(?<![\w*])\*(?=[^\s*])([^*\n]*[^*\s])\*(?![\w*])/g, "$1")
    .replace(/(?<![\w_])_(?=[^\s_])([^_\n]*[^_\s])_(?![\w_])/g, "$1");
}
