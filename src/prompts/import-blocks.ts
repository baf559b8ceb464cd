import { readPythonStrings } from "./python-strings.ts";

/** A text in a model card that may be a prompt; lines count from 1. */
export interface CardBlock {
  text: string;
  firstLine: number;
  lastLine: number;
}

/**
 * The texts of a Markdown file that may be prompts: the content of its fenced blocks, and where a block of code holds
 * triple-quoted Python strings, those strings instead.
 */
export function findCardBlocks(markdown: string): CardBlock[] {
  const lines = markdown.split("\n");
  const blocks: CardBlock[] = [];
  let open: { mark: string; indent: string; line: number } | undefined;
  const close = (end: number): void => {
    if (open === undefined) return;
    const { indent, line } = open;
    const content = lines
      .slice(line + 1, end)
      .map((text) => (text.startsWith(indent) ? text.slice(indent.length) : text.trimStart()))
      .join("\n");
    const strings = readPythonStrings(content);
    if (strings.length === 0) blocks.push({ text: content, firstLine: line + 2, lastLine: end });
    for (const { text, start, end: stop } of strings) {
      blocks.push({
        text,
        firstLine: line + 1 + content.slice(0, start).split("\n").length,
        lastLine: line + 1 + content.slice(0, stop).split("\n").length,
      });
    }
    open = undefined;
  };
  for (const [index, line] of lines.entries()) {
    const fence = /^([ \t]*)(`{3,}(?=[^`]*$)|~{3,})/.exec(line);
    if (fence === null) continue;
    if (open === undefined) open = { mark: fence[2]!, indent: fence[1]!, line: index };
    else if (fence[2]!.startsWith(open.mark) && line.trim() === fence[2]) close(index);
  }
  close(lines.length);
  return blocks;
}
