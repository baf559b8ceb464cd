import type { Markup } from "./markup.ts";

/** A table of texts. */
export interface Table {
  caption?: string;
  columns: { name: string; numeric?: boolean }[];
  rows: string[][];
  /** Rows to stand out, by index. */
  emphasised?: number[];
}

/** A chart, what it shows in words, and the numbers in it. */
export interface Figure {
  chart: Markup;
  caption: string;
  table: Table;
}

/** A piece of the report, before it is Markdown or HTML. */
export type Block =
  | { kind: "heading"; level: 2 | 3; text: string }
  | { kind: "text"; text: string }
  | { kind: "notes"; notes: string[] }
  | { kind: "headlines"; headlines: { name: string; value: string; detail: string }[] }
  | { kind: "table"; table: Table }
  | { kind: "figures"; figures: Figure[] };

/** A heading that begins a section (2) or a part of one (3). */
export function heading(level: 2 | 3, text: string): Block {
  return { kind: "heading", level, text };
}

/** A paragraph. */
export function text(content: string): Block {
  return { kind: "text", text: content };
}

/** A table; names of columns that hold numbers begin with `#`, which is not shown. */
export function table(columns: string[], rows: string[][], more: Pick<Table, "caption" | "emphasised"> = {}): Table {
  return {
    columns: columns.map((name) => (name.startsWith("#") ? { name: name.slice(1), numeric: true } : { name })),
    rows,
    ...more,
  };
}

/** A table as a block. */
export function tableBlock(...parts: Parameters<typeof table>): Block {
  return { kind: "table", table: table(...parts) };
}
