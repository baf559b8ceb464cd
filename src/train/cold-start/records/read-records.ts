import { basename } from "node:path";
import type { z } from "zod";
import { InputError } from "../../../core/errors.ts";
import { readRows } from "../../../data/read-rows.ts";

/** A row of a record file, and its id: `<file name>#<0-based row>`. */
export interface Record<Row> {
  id: string;
  row: Row;
}

/** The rows of a file that fit a schema. Throws `InputError` with file, row and field for the first that does not. */
export async function* readRecords<Row>(
  file: string,
  schema: z.ZodType<Row>,
  options: { signal?: AbortSignal },
): AsyncGenerator<Record<Row>> {
  for await (const row of readRows(file, { signal: options.signal })) {
    if (!row.ok) throw row.error;
    const id = `${basename(file)}#${row.where.row}`;
    yield { id, row: parseRecord(schema, row.value, { file, id, line: row.where.line }) };
  }
}

/** A value as a record of a schema. */
export function parseRecord<Row>(
  schema: z.ZodType<Row>,
  value: unknown,
  where: { file: string; id: string; line?: number },
): Row {
  const parsed = schema.safeParse(value, { reportInput: false });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new InputError(`${where.id} is no record of this source: ${issue.message}`, {
    ...{ file: where.file, line: where.line, field: issue.path.join(".") || undefined },
  });
}
