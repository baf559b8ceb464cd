import { basename } from "node:path";
import { InputError } from "../core/errors.ts";
import { queryFromText } from "../core/query.ts";
import { describeIssues } from "./describe-issue.ts";
import type { RowFormat } from "./format.ts";
import { IdIndex } from "./id-index.ts";
import type { ItemResult, JudgeItem } from "./item.ts";
import { itemSchema } from "./item-schema.ts";
import { nameOfSource, type Source } from "./read-bytes.ts";
import { formatOfSource, type ReadRowsOptions, readRows } from "./read-rows.ts";
import type { RowPlace } from "./row.ts";
import { columnNames, columnOfField, decodeCells, type ItemColumns, selectColumns } from "./select-columns.ts";

export interface ReadItemsOptions extends Omit<ReadRowsOptions, "columns"> {
  /**
   * Where an item's parts are, for files with other names than ours. With it, other columns are ignored; without, they
   * are errors.
   */
  columns?: ItemColumns;
  /** Longest response in characters (UTF-16 units). Default 1,048,576. */
  maxResponseCharacters?: number;
  /**
   * For writing criteria alone: responses may be missing, are not looked at, and the item's list is empty. Default
   * false.
   */
  queryOnly?: boolean;
}

/**
 * The items of a file, stdin or stream, in order, with flat memory. An item is `{"id"?, "query" or "messages",
 * "responses": [text or {"id"?, "text"}], "criteria"?}`; its default id is `<file name>#<row>`, a response's its
 * position. Faulty rows come as `ok: false` and the items after them follow. Throws only the signal's reason.
 */
export async function* readItems(source: Source, options: ReadItemsOptions = {}): AsyncGenerator<ItemResult> {
  const { columns, queryOnly = false, maxResponseCharacters = 1 << 20, ...rest } = options;
  const file = nameOfSource(source, options);
  let format: RowFormat;
  try {
    format = formatOfSource(source, options);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    yield { ok: false, error };
    return;
  }
  const isTable = format === "csv" || format === "parquet";
  const toItem = itemReader({ file, isTable, columns, queryOnly, maxResponseCharacters });
  const wanted =
    columns === undefined ? undefined : columnNames(queryOnly ? { ...columns, responses: undefined } : columns);
  for await (const row of readRows(source, { ...rest, format, columns: wanted })) {
    yield row.ok ? toItem(row.value, row.where) : row;
  }
}

/** A function that makes items of rows and knows the ids it has seen. */
function itemReader(options: {
  file: string;
  isTable: boolean;
  columns?: ItemColumns;
  queryOnly: boolean;
  maxResponseCharacters: number;
}): (row: Record<string, unknown>, where: RowPlace) => ItemResult {
  const { file, isTable, columns, queryOnly } = options;
  const schema = itemSchema(options);
  const ids = new IdIndex();
  const fault = (where: RowPlace, field: string, message: string): ItemResult => {
    // InputError places by line; Parquet has rows only.
    const place = where.line === undefined ? `row ${where.row} (from 0): ` : "";
    return {
      ok: false,
      error: new InputError(place + message, { file, line: where.line, field: columnOfField(field, columns) }),
    };
  };
  return (row, where) => {
    let written = columns === undefined ? row : selectColumns(row, columns);
    if (queryOnly && "responses" in written) written = { ...written, responses: undefined };
    if (isTable) {
      const decoded = decodeCells(written);
      if (!decoded.ok) return fault(where, decoded.field, decoded.message);
      written = decoded.item;
    }
    const parsed = schema.safeParse(written, { reportInput: false });
    if (!parsed.success) {
      const problem = describeIssues(parsed.error.issues, written);
      return fault(where, problem.field, problem.message);
    }
    const { data } = parsed;
    const id = data.id ?? `${basename(file)}#${where.row}`;
    const first = ids.add(id, where.line ?? where.row);
    if (first !== undefined) {
      const at = where.line === undefined ? `row ${first} (from 0)` : `line ${first}`;
      return fault(
        where,
        "id",
        `the id ${JSON.stringify(id)} is also that of ${at} of ${file}; give each item its own`,
      );
    }
    const item: JudgeItem = {
      id,
      query: data.messages ? { messages: data.messages } : queryFromText(data.query!),
      responses: (data.responses ?? []).map((one, index) => ({ id: one.id ?? String(index), text: one.text })),
    };
    if (data.criteria != null) item.criteria = data.criteria;
    return { ok: true, item, where };
  };
}
