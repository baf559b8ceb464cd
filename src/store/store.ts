/**
 * What outlives a process. Values are JSON. Keys are hashes of everything that could change the value, so nothing is
 * ever updated in place: putting a key that exists changes nothing.
 */
export interface Store {
  get(table: StoreTable, key: string): Promise<unknown | undefined>;
  /** Resolves when the value will survive the process being killed. */
  put(table: StoreTable, key: string, value: unknown): Promise<void>;
  close(): Promise<void>;
}

export type StoreTable = "criteria" | "evaluations";
