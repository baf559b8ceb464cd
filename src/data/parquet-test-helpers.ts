import type { SchemaElement } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";

/** Elements of a Parquet schema. For tests. */
export const text = (name: string): SchemaElement[] => [
  { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
];
export const listOf = (name: string, element: SchemaElement[]): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  ...element,
];
export const struct = (name: string, ...members: SchemaElement[][]): SchemaElement[] => [
  { name, repetition_type: "OPTIONAL", num_children: members.length },
  ...members.flat(),
];

/** A Parquet file of columns with an explicit schema. For tests. */
export function parquetOf(
  columns: { schema: SchemaElement[]; data: unknown[] }[],
  options: { rowGroupSize?: number; pageSize?: number; offsetIndex?: boolean } = {},
): Buffer {
  const { rowGroupSize = 1000, pageSize, offsetIndex = true } = options;
  return Buffer.from(
    parquetWriteBuffer({
      columnData: columns.map(({ schema, data }) => ({ name: schema[0]!.name, data, offsetIndex }) as ColumnSource),
      schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)],
      rowGroupSize,
      pageSize,
    }),
  );
}
