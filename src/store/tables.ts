import { CermError } from "../core/errors.ts";
import type { StoreTable } from "./store.ts";

export const storeTables: readonly StoreTable[] = ["criteria", "evaluations"];

/** A row of every table. */
export interface StoredRow {
  /** SHA-256 in hexadecimal, 64 characters. */
  key: string;
  /** JSON text. */
  value: string;
  /** Milliseconds since 1970. */
  created_at: number;
}

export type StoreDatabase = Record<StoreTable, StoredRow>;

/** Throws for a table that does not exist or a key that is no SHA-256: both are bugs of the caller. */
export function checkPlace(table: StoreTable, key: string): void {
  if (!storeTables.includes(table)) throw new TypeError(`there is no store table ${JSON.stringify(table)}`);
  if (!/^[0-9a-f]{64}$/.test(key))
    throw new TypeError(`a store key has 64 hexadecimal digits, got ${JSON.stringify(key)}`);
}

/** JSON text of a value. Throws for what JSON does not have. */
export function valueText(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a store value is JSON, got ${typeof value}`);
  return text;
}

/** The store could not do what was asked; `store` names it without its password. */
export function storeError(store: string, what: string, cause: unknown): CermError {
  if (cause instanceof CermError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CermError("store-failed", `the store ${store} ${what}: ${reason}`, { cause });
}
