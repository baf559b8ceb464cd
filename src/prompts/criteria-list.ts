import type { Criterion } from "../core/criteria.ts";
import { normaliseTerm } from "./normalise-term.ts";
import { splitCriterion } from "./split-criterion.ts";

const numbered =
  /^(\s*)(?:#{1,6}\s*)?(?:[-*+\u2022]\s+)?(?:\*\*|__)?(?:criterion\s+#?\d{1,3}\b\s*[.):\uff1a\-\u2013\u2014]*|[(\uff08]?\d{1,3}\s*[.):\u3001\uff0e\uff1a\uff09](?!\d)\)?)\s*(.*)$/i;
const bulleted = /^(\s*)[-*+\u2022\u2023\u25e6\u2043\u00b7\u2013](?!\*)\s*(.*)$/;
const titled = /^(\s*)#{1,6}\s+(.*)$/;
const bold = /^(\s*)((?:\*\*|__)[^*_].*)$/;
const labelled = /^(\s*)([^\s:\uff1a][^:\uff1a.!?]{0,60}[:\uff1a].*)$/;

/**
 * Reads the items of a list, in order: numbered lines, else bullets, else headings, else bold or labelled lines. Nested
 * bullets and lines that go on are folded into the description; an item whose term was there before is dropped. With
 * `strict` (a text where nothing marks the list) only items with a term and a description count, in the last run of them.
 */
export function readCriteriaList(text: string, options: { strict: boolean }): Criterion[] {
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:`{3,}|~{3,})\s*[\w-]*\s*$/.test(line));
  const styles = options.strict ? [numbered, bulleted] : [numbered, bulleted, titled, bold, labelled];
  for (const style of styles) {
    const blocks = readBlocks(lines, style, options.strict);
    const chosen = options.strict ? lastRun(blocks) : blocks;
    const items = distinct(chosen.map((block) => splitCriterion(block.first, block.rest)));
    const kept = options.strict ? items.filter((item) => item.description !== "") : items;
    if (kept.length > 0) return kept;
  }
  return [];
}

interface Block {
  first: string;
  rest: string[];
  /** Plain text stood between the block before and this one. */
  afterProse: boolean;
}

function readBlocks(lines: string[], style: RegExp, strict: boolean): Block[] {
  const blocks: Block[] = [];
  let indent: number | undefined;
  let afterBlank = false;
  let prose = false;
  for (const line of lines) {
    const match = style.exec(line);
    const current = blocks.at(-1);
    if (match !== null && width(match[1]!) <= (indent ?? width(match[1]!)) + 1) {
      indent = Math.min(indent ?? Number.POSITIVE_INFINITY, width(match[1]!));
      blocks.push({ first: match[2]!, rest: [], afterProse: prose });
      afterBlank = false;
      prose = false;
    } else if (line.trim() === "") {
      afterBlank = true;
    } else if (current !== undefined && !prose) {
      // After an empty line, text at the margin is no longer the item's, unless a marked list's item has no description.
      const isLate = !strict && isBare(current) && !/[:\uff1a]\s*$/.test(line);
      const belongs = !afterBlank || bulleted.test(line) || /^\s{2,}|^\t/.test(line) || isLate;
      if (belongs) current.rest.push(line);
      else prose = true;
      afterBlank = false;
    } else {
      prose = true;
    }
  }
  return blocks;
}

function isBare(block: Block): boolean {
  return block.rest.length === 0 && splitCriterion(block.first, []).description === "";
}

function lastRun(blocks: Block[]): Block[] {
  const start = blocks.findLastIndex((block) => block.afterProse);
  return blocks.slice(Math.max(0, start));
}

function distinct(items: Criterion[]): Criterion[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = normaliseTerm(item.term);
    if (key === "" || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function width(space: string): number {
  return space.replaceAll("\t", "    ").length;
}
