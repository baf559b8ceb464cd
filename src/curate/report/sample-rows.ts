import type { Message } from "../../core/message.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { StageRecord } from "../run/run-stage.ts";

/** A row as the report's browser shows it. */
export interface ShownRow {
  id: string;
  /** The stage that dropped it, or the split that it is in. */
  fate: string;
  dropped: boolean;
  reason: string;
  detail: string;
  /** Id of the row that the reason speaks of. */
  other: string | null;
  source: string;
  domain: string | null;
  strength: number | null;
  messages: Message[];
  chosen: string;
  rejected: string;
}

/** Kept rows, and dropped rows for each reason of each stage, that are shown. */
const [shownKept, shownPerReason] = [400, 30];

/** A fixed order that has nothing to do with that of the rows. */
const scattered = "(r.n::BIGINT * 2654435761) % 4294967296";

/** Rows for the report, spread over all that were kept and dropped. */
export async function* sampleRows(rows: RowStore, records: readonly StageRecord[]): AsyncGenerator<ShownRow> {
  const columns = "r.id, r.messages, r.chosen, r.rejected, r.source, r.domain, r.strength";
  const kept = `SELECT r.n, s.split AS fate FROM rows r JOIN splits s USING (n) WHERE r.stage = 0 ORDER BY ${scattered} LIMIT ${shownKept}`;
  const dropped = `SELECT n, stage, reason, detail, other FROM (SELECT d.*, row_number() OVER (PARTITION BY d.stage, d.reason ORDER BY ${scattered.replaceAll("r.n", "d.n")}) AS place FROM drops d) WHERE place <= ${shownPerReason}`;
  const name = new Map(records.map((record) => [record.stage, record.name]));
  for await (const chunk of rows.stream(
    `SELECT ${columns}, k.fate, NULL AS stage, '' AS reason, '' AS detail, NULL AS other FROM (${kept}) k JOIN rows r USING (n) ORDER BY r.n`,
  ))
    yield* shownRows(chunk, ({ fate }) => ({ fate: fate as string, dropped: false }));
  for await (const chunk of rows.stream(
    `SELECT ${columns}, d.stage, d.reason, coalesce(d.detail, '') AS detail, o.id AS other FROM (${dropped}) d JOIN rows r USING (n) LEFT JOIN rows o ON o.n = d.other ORDER BY d.stage, d.reason, r.n`,
  ))
    yield* shownRows(chunk, ({ stage }) => ({ fate: name.get(stage as number)!, dropped: true }));
}

function* shownRows(
  chunk: Record<string, unknown[]>,
  fateOf: (row: Record<string, unknown>) => Pick<ShownRow, "fate" | "dropped">,
): Generator<ShownRow> {
  for (let at = 0; at < chunk.id!.length; at++) {
    const row = Object.fromEntries(Object.entries(chunk).map(([column, values]) => [column, values[at]]));
    const { id, messages, chosen, rejected, source, domain, strength, reason, detail, other } = row;
    const texts = { chosen, rejected, messages: JSON.parse(messages as string) as Message[] };
    yield { id, ...fateOf(row), reason, detail, other, source, domain, strength, ...texts } as ShownRow;
  }
}
