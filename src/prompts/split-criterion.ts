import type { Criterion } from "../core/criteria.ts";
import { trimSignsEnd, trimSignsStart } from "./trim-signs.ts";

// A longer "term" is a sentence that happens to have a colon in it.
const longestTerm = 12;

/** Splits an item of a criteria list into term and description; `rest` are its further lines, folded into the latter. */
export function splitCriterion(first: string, rest: string[]): Criterion {
  const more = rest.map((line) =>
    line.replace(/^\s*(?:[-*+\u2022\u2023\u25e6\u2043\u00b7\u2013](?!\*)\s*|\(?\d{1,3}[.)]\s+)?/, ""),
  );
  const { term, description } = splitLine(squeeze(first));
  return { term, description: squeeze([description, ...more].join(" ")) };
}

function splitLine(line: string): Criterion {
  const marked = /^(?:(\*\*\*|\*\*|__|`|\*|_|")(.+?)\1|\u201c(.+?)\u201d)\s*(.*)$/.exec(line);
  const head = marked?.[2] ?? marked?.[3];
  if (marked !== null && head !== undefined && words(head) <= longestTerm) {
    const inner = /^([^:\uff1a]+)[:\uff1a]\s*(\S.*)$/.exec(head);
    // The whole line may be bold: **Accuracy: is it right**
    if (inner !== null && marked[4] === "") return { term: plain(inner[1]!), description: plain(inner[2]!) };
    return { term: plain(head), description: afterSeparator(marked[4]!) };
  }
  const separator = /\s*[:\uff1a]\s*|\s+[-\u2013\u2014]+\s+|[\u2013\u2014]/.exec(line);
  if (separator !== null && separator.index > 0 && words(line.slice(0, separator.index)) <= longestTerm) {
    const description = line.slice(separator.index + separator[0].length);
    return { term: plain(line.slice(0, separator.index)), description: emphasisClosed(description) };
  }
  return { term: plain(line), description: "" };
}

function afterSeparator(text: string): string {
  return emphasisClosed(text.replace(/^\s*(?:[:\uff1a]|[-\u2013\u2014]+(?=\s|\p{L}))?\s*/u, ""));
}

/** Takes off the end of an emphasis that began before the term: **Accuracy: is it right** */
function emphasisClosed(text: string): string {
  const trimmed = text.trim();
  return (trimmed.match(/\*\*/g)?.length ?? 0) % 2 === 1 ? trimmed.replace(/^\*\*\s*|\s*\*\*$/, "") : trimmed;
}

function plain(text: string): string {
  return trimSignsEnd(trimSignsStart(squeeze(text), '*_`"\u201c'), '*_`"\u201d:\uff1a').replace(/\.$/, "");
}

function words(text: string): number {
  return text.trim().split(/\s+/).length;
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
