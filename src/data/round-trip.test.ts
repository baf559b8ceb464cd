import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RowFormat } from "./format.ts";
import type { JudgeItem } from "./item.ts";
import { listOf, parquetOf, struct, text } from "./parquet-test-helpers.ts";
import { readItems } from "./read-items.ts";
import { collect, streamOf } from "./test-helpers.ts";

// Text with what the formats treat specially, and characters of one to four bytes.
const characters = fc.constantFrom(
  "a",
  "Z",
  "0",
  " ",
  '"',
  ",",
  "\n",
  "\r",
  "\t",
  "\\",
  "{",
  "]",
  ":",
  "é",
  "漢",
  "😀",
  "\ufeff",
  "\u0000",
);
const anyText = fc.string({ unit: characters, minLength: 1, maxLength: 30 });
const notBlank = anyText.filter((value) => value.trim() !== "");
const trimmed = notBlank.map((value) => value.replaceAll(/[:：]/g, "-").trim());

const item: fc.Arbitrary<JudgeItem> = fc.record(
  {
    id: notBlank,
    query: fc
      .tuple(fc.option(anyText), fc.array(anyText, { maxLength: 3 }), notBlank)
      .map(([system, earlier, last]) => ({
        messages: [
          ...(system === null ? [] : [{ role: "system" as const, content: system }]),
          ...earlier.map((content, index) => ({
            role: index % 2 ? ("assistant" as const) : ("user" as const),
            content,
          })),
          { role: "user" as const, content: last },
        ],
      })),
    responses: fc.uniqueArray(fc.record({ id: notBlank, text: notBlank }), {
      selector: ({ id }) => id,
      minLength: 1,
      maxLength: 4,
    }),
    criteria: fc.uniqueArray(fc.record({ term: trimmed, description: trimmed }), {
      selector: ({ term }) => term.toLowerCase(),
      minLength: 1,
      maxLength: 3,
    }),
  },
  { requiredKeys: ["id", "query", "responses"] },
);
const items = fc.uniqueArray(item, { selector: ({ id }) => id, minLength: 1, maxLength: 6 });

/** The item as a user writes it. */
const written = ({ id, query, responses, criteria }: JudgeItem) => ({
  id,
  messages: query.messages,
  responses,
  criteria,
});
const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

const writers: Record<RowFormat, (list: JudgeItem[]) => string | Buffer> = {
  jsonl: (list) => list.map((one) => JSON.stringify(written(one))).join("\n"),
  json: (list) => JSON.stringify(list.map(written), null, 2),
  csv: (list) =>
    [
      "id,messages,responses,criteria",
      ...list
        .map(written)
        .map(({ id, messages, responses, criteria }) =>
          [
            id,
            JSON.stringify(messages),
            JSON.stringify(responses),
            criteria === undefined ? "" : JSON.stringify(criteria),
          ]
            .map(quoted)
            .join(","),
        ),
    ].join("\r\n"),
  parquet: (list) => {
    const rows = list.map(written);
    return parquetOf(
      [
        { schema: text("id"), data: rows.map(({ id }) => id) },
        {
          schema: listOf("messages", struct("element", text("role"), text("content"))),
          data: rows.map(({ messages }) => messages),
        },
        {
          schema: listOf("responses", struct("element", text("id"), text("text"))),
          data: rows.map(({ responses }) => responses),
        },
        {
          schema: listOf("criteria", struct("element", text("term"), text("description"))),
          data: rows.map(({ criteria }) => criteria ?? null),
        },
      ],
      { rowGroupSize: 2 },
    );
  },
};

test.each(Object.keys(writers) as RowFormat[])(
  "any items written as %s read back equal, gzip or not",
  async (format) => {
    await fc.assert(
      fc.asyncProperty(items, fc.boolean(), fc.integer({ min: 1, max: 50 }), async (list, gzip, chunkBytes) => {
        const bytes = Buffer.from(writers[format](list) as string);
        const results = await collect(readItems(streamOf(gzip ? gzipSync(bytes) : bytes, chunkBytes), { format }));
        expect(results.map((result) => (result.ok ? result.item : result.error.message))).toEqual(list);
      }),
      { numRuns: format === "parquet" ? 40 : 80 },
    );
  },
);
