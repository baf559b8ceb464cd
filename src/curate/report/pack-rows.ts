import { gzipSync } from "node:zlib";
import type { ShownRow } from "./sample-rows.ts";

/** The rows of a page: a list, and gzipped JSON in base64 for the texts, in pieces that are unpacked when needed. */
export interface PackedRows {
  index: string;
  chunks: string[];
}

const [rowsPerChunk, snippetCharacters] = [200, 140];

/** Packs rows for the page. */
export async function packRows(rows: AsyncIterable<ShownRow>): Promise<PackedRows> {
  const [entries, chunks, pending]: [unknown[], string[], unknown[]] = [[], [], []];
  const flush = () => {
    if (pending.length > 0) chunks.push(pack(pending.splice(0)));
  };
  for await (const { messages, chosen, rejected, ...row } of rows) {
    const query = messages.at(-1)!.content;
    const snippet = query.slice(0, 300).replace(/\s+/g, " ").trim().slice(0, snippetCharacters);
    entries.push({ ...row, snippet, chunk: chunks.length, place: pending.length });
    pending.push({ messages, chosen, rejected });
    if (pending.length === rowsPerChunk) flush();
  }
  flush();
  return { index: pack(entries), chunks };
}

function pack(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString("base64");
}
