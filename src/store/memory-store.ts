import type { Store } from "./store.ts";
import { checkPlace, valueText } from "./tables.ts";

/**
 * A store that ends with the process and keeps the `maxEntries` entries that were used last (default 10,000). Values
 * are copies, as in the other stores.
 */
export function memoryStore(options: { maxEntries?: number } = {}): Store {
  const { maxEntries = 10_000 } = options;
  // A Map keeps the order of insertion: the first entry is the one that was not used for longest.
  const entries = new Map<string, string>();
  return {
    async get(table, key) {
      checkPlace(table, key);
      const text = entries.get(table + key);
      if (text === undefined) return undefined;
      entries.delete(table + key);
      entries.set(table + key, text);
      return JSON.parse(text);
    },
    async put(table, key, value) {
      checkPlace(table, key);
      const text = valueText(value);
      if (entries.has(table + key)) return;
      entries.set(table + key, text);
      if (entries.size > maxEntries) entries.delete(entries.keys().next().value!);
    },
    async close() {
      entries.clear();
    },
  };
}
