/**
 * The tables of a run. Rows are numbered by `n` in the order of the inputs; `stage` is 0 for a row that is kept, else the
 * number (from 1) of the stage that dropped it. A stage's rows in `drops` and its line in `stages` are written together or
 * not at all.
 */
export const tables = `
CREATE TABLE IF NOT EXISTS rows (
  n INTEGER, id VARCHAR, input INTEGER, messages VARCHAR, chosen VARCHAR, rejected VARCHAR, source VARCHAR,
  strength DOUBLE, domain VARCHAR, prompt_characters INTEGER, chosen_characters INTEGER, rejected_characters INTEGER,
  turns INTEGER, stage INTEGER
);
CREATE TABLE IF NOT EXISTS drops (n INTEGER, stage INTEGER, reason VARCHAR, detail VARCHAR, other INTEGER);
CREATE TABLE IF NOT EXISTS stages (stage INTEGER, name VARCHAR, before INTEGER, after INTEGER, notes VARCHAR, seconds DOUBLE);
CREATE TABLE IF NOT EXISTS unread (input INTEGER, kind VARCHAR, place VARCHAR, reason VARCHAR, total INTEGER);
CREATE TABLE IF NOT EXISTS judged (n INTEGER, judge VARCHAR, won INTEGER, lost INTEGER, tied INTEGER, unscored INTEGER);
CREATE TABLE IF NOT EXISTS preferences (n INTEGER, preference DOUBLE);
CREATE TABLE IF NOT EXISTS splits (n INTEGER, split VARCHAR, cluster INTEGER);
`;

/** A column's values in a batch of rows. */
export interface RowColumns {
  n: number[];
  id: string[];
  /** Position of the recipe's input. */
  input: number[];
  /** JSON of the conversation. */
  messages: string[];
  chosen: string[];
  rejected: string[];
  source: string[];
  strength: (number | null)[];
  domain: (string | null)[];
  /** Lengths in UTF-16 units; the prompt's is that of all its messages. */
  prompt_characters: number[];
  chosen_characters: number[];
  rejected_characters: number[];
  /** Messages of the conversation. */
  turns: number[];
  stage: number[];
}

export type RowColumn = keyof RowColumns;
