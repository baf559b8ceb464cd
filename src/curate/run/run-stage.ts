import { RowAppender } from "../../data/duckdb/row-appender.ts";
import type { RowStore } from "../rows/row-store.ts";
import type { Drop } from "../stages/stage.ts";

/** A stage that is done. `before` and `after` count rows: those that were kept so far. */
export interface StageRecord {
  /** Its place in the recipe from 1; 0 is the reading of the inputs. */
  stage: number;
  name: string;
  before: number;
  after: number;
  notes: string[];
  seconds: number;
}

/**
 * Runs a stage's work and keeps what it says, all at once: killed before the end, nothing of it is there. Throws where the
 * stage drops a row twice, or one that is no longer there.
 */
export async function runStage(
  rows: RowStore,
  { stage, name }: { stage: number; name: string },
  work: (drop: (drop: Drop) => void, note: (note: string) => void) => Promise<void>,
): Promise<StageRecord> {
  const startedAt = performance.now();
  const before = await rows.count();
  const notes: string[] = [];
  let dropped = 0;
  let record: StageRecord | undefined;
  await rows.transaction(async () => {
    const drops = await RowAppender.open(rows.writer, "drops");
    const drop = ({ n, reason, detail, other }: Drop) => {
      drops.append([n, stage, reason, detail, other]);
      dropped++;
    };
    await work(drop, (note) => notes.push(note));
    drops.close();
    await rows.writer.run(
      `UPDATE rows SET stage = ${stage} FROM drops WHERE rows.n = drops.n AND drops.stage = ${stage} AND rows.stage = 0`,
    );
    const after = await rows.count();
    if (before - after !== dropped)
      throw new Error(`stage ${name} dropped ${dropped} rows, but ${before - after} are gone`);
    record = { stage, name, before, after, notes, seconds: (performance.now() - startedAt) / 1000 };
    await keepRecord(rows, record);
  });
  return record!;
}

/** Writes a record; for use in a transaction. */
export async function keepRecord(rows: RowStore, record: StageRecord): Promise<void> {
  const { stage, name, before, after, notes, seconds } = record;
  const appender = await RowAppender.open(rows.writer, "stages");
  appender.append([stage, name, before, after, JSON.stringify(notes), seconds]);
  appender.close();
}

/** The stages that are done, in order. */
export async function readRecords(rows: RowStore): Promise<StageRecord[]> {
  const found = await rows.query<Omit<StageRecord, "notes"> & { notes: string }>("SELECT * FROM stages ORDER BY stage");
  return found.map((record) => ({ ...record, notes: JSON.parse(record.notes) as string[] }));
}
