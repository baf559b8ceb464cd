import type { Block, Table } from "./blocks.ts";
import type { Report } from "./report.ts";
import { reportBlocks } from "./report-blocks.ts";

/** report.md: the report's notes and tables; charts are left out, their numbers are in the tables. */
export function renderMarkdown(report: Report): string {
  const blocks = reportBlocks(report).map(renderBlock);
  return `# Benchmark report: ${inert(report.run.model)}\n\n${blocks.join("\n\n")}\n`;
}

/** A table in Markdown, its columns aligned. */
export function markdownTable({ caption, columns, rows, emphasised = [] }: Table): string {
  const cells = rows.map((row, index) =>
    row.map((cell) => (emphasised.includes(index) && cell !== "" ? `**${inert(cell)}**` : inert(cell))),
  );
  const names = columns.map(({ name }) => inert(name));
  const widths = names.map((name, column) => Math.max(3, name.length, ...cells.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    `| ${row.map((cell, column) => (columns[column]!.numeric ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(" | ")} |`;
  const rule = columns.map(({ numeric }, column) =>
    numeric ? `${"-".repeat(widths[column]! - 1)}:` : "-".repeat(widths[column]!),
  );
  const lines = [line(names), line(rule), ...cells.map(line)];
  return (caption === undefined ? lines : [inert(caption), "", ...lines]).join("\n");
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
      return `${"#".repeat(block.level)} ${inert(block.text)}`;
    case "text":
      return inert(block.text);
    case "notes":
      return block.notes.map((note) => `> * ${inert(note)}`).join("\n");
    case "headlines":
      return block.headlines
        .map(({ name, value, detail }) => `* ${inert(name)}: **${inert(value)}** (${inert(detail)})`)
        .join("\n");
    case "table":
      return markdownTable(block.table);
    case "figures":
      return block.figures.map(({ caption, table }) => `${inert(caption)}\n\n${markdownTable(table)}`).join("\n\n");
  }
}

/** Names come from data sets: nothing in them may be read as Markdown or HTML. */
function inert(text: string): string {
  return (
    text
      .replace(/\s+/g, " ")
      .replace(/[\\`*_|~]/g, "\\$&")
      // Brackets are for intervals; before these characters they would make a link.
      .replace(/\](?=[([:])/g, "\\]")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
  );
}
