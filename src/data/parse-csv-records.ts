import { parse } from "csv-parse/sync";

/** The fields of a CSV record, or why it cannot be read. */
export type CsvFields = { ok: true; fields: string[] } | { ok: false; reason: string };

/**
 * Parses CSV records that were already cut apart. They go through the parser together, because starting it costs more
 * than a record; where one is broken they go one by one, so that only the broken one is lost.
 */
export function parseCsvRecords(records: Buffer[]): CsvFields[] {
  const together = tryParse(Buffer.concat(records.flatMap((record) => [record, lineEnd])));
  if (together.ok && together.rows.length === records.length) {
    return together.rows.map((fields) => ({ ok: true, fields }));
  }
  return records.map((record) => {
    const alone = tryParse(record);
    if (!alone.ok) return alone;
    const fields = alone.rows[0];
    return fields !== undefined && alone.rows.length === 1
      ? { ok: true, fields }
      : { ok: false, reason: "the quotes do not match" };
  });
}

const lineEnd = Buffer.from("\n");

function tryParse(bytes: Buffer): { ok: true; rows: string[][] } | { ok: false; reason: string } {
  try {
    const rows: string[][] = parse(bytes, {
      columns: false,
      relax_column_count: true,
      record_delimiter: "\n",
      max_record_size: 0,
    });
    return { ok: true, rows };
  } catch (error) {
    const code = (error as { code?: string }).code;
    return { ok: false, reason: (code === undefined ? undefined : reasons[code]) ?? (error as Error).message };
  }
}

const reasons: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened and never closed",
  CSV_INVALID_CLOSING_QUOTE: "a closing quote is followed by something other than a comma or a line end",
  INVALID_OPENING_QUOTE: 'a quote stands inside a field that is not quoted; quote the field and write the quote as ""',
};
