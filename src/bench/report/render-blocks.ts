import type { Block, Figure, Table } from "./blocks.ts";
import { Markup, markup } from "./markup.ts";

/** A block as HTML. `anchor` gives the id of a section's heading. */
export function renderBlock(block: Block, anchor: (name: string) => string): Markup {
  switch (block.kind) {
    case "heading":
      return block.level === 2
        ? markup`<h2 id="${anchor(block.text)}">${block.text}</h2>\n`
        : markup`<h3>${block.text}</h3>\n`;
    case "text":
      return markup`<p>${block.text}</p>\n`;
    case "notes":
      return markup`<ul class="notes" role="note">${block.notes.map((note) => markup`<li>${note}</li>`)}</ul>\n`;
    case "headlines":
      return markup`<div class="headlines">${block.headlines.map(
        ({ name, value, detail }) =>
          markup`<div class="headline">${name}<strong>${value}</strong><span class="detail">${detail}</span></div>`,
      )}</div>\n`;
    case "table":
      return markup`<div class="scroll" tabindex="0" role="group" aria-label="${block.table.caption ?? "Table"}">${renderTable(block.table)}</div>\n`;
    case "figures":
      return block.figures.length === 1
        ? renderFigure(block.figures[0]!)
        : markup`<div class="heat-maps">${block.figures.map(renderFigure)}</div>\n`;
  }
}

function renderFigure({ chart, caption, table }: Figure): Markup {
  return markup`<figure><div class="scroll" tabindex="0" role="group" aria-label="Chart">${chart}</div><figcaption>${caption}</figcaption><details><summary>Numbers as a table</summary><div class="scroll">${renderTable(table)}</div></details></figure>\n`;
}

function renderTable({ caption, columns, rows, emphasised = [] }: Table): Markup {
  const head = columns.map(
    ({ name, numeric }) => markup`<th scope="col"${numeric && new Markup(' class="number"')}>${name}</th>`,
  );
  const body = rows.map(
    (row, index) =>
      markup`<tr${emphasised.includes(index) && new Markup(' class="own"')}>${row.map((cell, column) =>
        column === 0
          ? markup`<th scope="row"${columns[0]!.numeric && new Markup(' class="number"')}>${cell}</th>`
          : markup`<td${columns[column]!.numeric && new Markup(' class="number"')}>${cell}</td>`,
      )}</tr>`,
  );
  return markup`<table>${caption !== undefined && markup`<caption>${caption}</caption>`}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
