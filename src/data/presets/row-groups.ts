import type { RowPlace } from "../row.ts";
import { orFault, type PresetRow, RowFault, type RowOutcome, type RowPairs, type RowReader } from "./preset.ts";

/** Rows kept of one group; a longer one is cut here, so that a file of one key costs no more memory. */
const longest = 64;

interface Group<Part> {
  key: string;
  parts: Part[];
  /** The group's rows, and what is wrong with one. */
  rows: { where: RowPlace; fault?: RowFault }[];
}

/**
 * A reader of files in which several rows, which follow one another, make up one item. The item's pairs are those of
 * its first good row; the others hold none of their own.
 */
export function rowGroups<Part>(options: {
  /** Rows with the same key belong together. */
  keyOf: (row: Record<string, unknown>) => string;
  /** What is kept of a row. */
  partOf: (row: Record<string, unknown>) => Part;
  pairsOf: (key: string, parts: Part[]) => RowPairs;
}): RowReader {
  let open: Group<Part> | undefined;
  const close = (): RowOutcome[] => {
    const group = open;
    open = undefined;
    if (group === undefined) return [];
    const first = group.rows.findIndex((row) => row.fault === undefined);
    return group.rows.map(({ where, fault }, index) => {
      if (fault !== undefined) return { where, pairs: fault };
      if (index !== first) return { where, pairs: "belongs to the item of the row before" };
      return { where, pairs: orFault(() => options.pairsOf(group.key, group.parts)) };
    });
  };
  return {
    push({ value, where }: PresetRow) {
      const key = orFault(() => options.keyOf(value));
      if (key instanceof RowFault) return [...close(), { where, pairs: key }];
      const part = orFault(() => options.partOf(value));
      const finished = open?.key === key && open.rows.length < longest ? [] : close();
      open ??= { key, parts: [], rows: [] };
      if (part instanceof RowFault) open.rows.push({ where, fault: part });
      else {
        open.rows.push({ where });
        open.parts.push(part);
      }
      return finished;
    },
    end: close,
  };
}
