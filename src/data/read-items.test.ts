import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listOf, parquetOf, struct, text } from "./parquet-test-helpers.ts";
import { type ReadItemsOptions, readItems } from "./read-items.ts";
import { collect, streamOf, temporaryFolder } from "./test-helpers.ts";

/** Items, and messages of errors without the file's name. */
async function read(rows: unknown[] | string | Uint8Array, options: ReadItemsOptions = {}): Promise<unknown[]> {
  const content = Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).join("\n") : rows;
  const results = await collect(readItems(streamOf(content), options));
  return results.map((result) => (result.ok ? result.item : result.error.message.replace(/^stdin(, line )?/, "")));
}

const user = (content: string) => ({ role: "user", content });

test("query, responses and ids in their short forms", async () => {
  expect(await read([{ query: "q", responses: ["a", { text: "b" }, { id: "x", text: "c" }] }])).toEqual([
    {
      id: "stdin#0",
      query: { messages: [user("q")] },
      responses: [
        { id: "0", text: "a" },
        { id: "1", text: "b" },
        { id: "x", text: "c" },
      ],
    },
  ]);
});

test("a conversation, a numeric id and criteria in all their forms", async () => {
  const messages = [{ role: "system", content: "s" }, user("1"), { role: "assistant", content: "" }, user("2")];
  const criteria = ["Depth: how deep: very", { term: "Style", description: "how written" }];
  const item = { id: 7, messages, responses: ["a"], query: null };
  expect(
    await read([
      { ...item, criteria },
      { ...item, id: "8", criteria: "Depth: x\nStyle: y" },
    ]),
  ).toMatchObject([
    {
      id: "7",
      query: { messages },
      criteria: [
        { term: "Depth", description: "how deep: very" },
        { term: "Style", description: "how written" },
      ],
    },
    { id: "8", criteria: "Depth: x\nStyle: y" },
  ]);
});

test("the default id is the file's name and the row, broken rows counted", async () => {
  const path = join(await temporaryFolder(), "x.jsonl");
  await writeFile(path, '{"query":"q","responses":["a"]}\nbroken\n\n{"query":"q","responses":["a"]}\n');
  const results = await collect(readItems(path));
  expect(results.map((result) => result.ok && [result.item.id, result.where])).toEqual([
    ["x.jsonl#0", { file: path, row: 0, line: 1 }],
    false,
    ["x.jsonl#2", { file: path, row: 2, line: 4 }],
  ]);
});

const good = { query: "q", responses: ["a"] };

test.each<[string, Record<string, unknown>]>([
  [
    'respones: unknown field (known: id, query, messages, responses, criteria); did you mean "responses"?',
    { query: "q", respones: ["a"] },
  ],
  ["zzz: unknown field (known: id, query, messages, responses, criteria)", { ...good, zzz: 1 }],
  [
    'responses[0].txt: unknown field (known: id, text); did you mean "text"?',
    { query: "q", responses: [{ txt: "a" }] },
  ],
  [
    "criteria[0].weight: unknown field (known: term, description)",
    { ...good, criteria: [{ term: "a", description: "b", weight: 1 }] },
  ],
  [
    "messages[0].name: unknown field (known: role, content)",
    { messages: [{ ...user("a"), name: "n" }], responses: ["a"] },
  ],
  ['query: there is no query; give "query" or "messages"', { responses: ["a"] }],
  ['messages: both "query" and "messages" are given; keep one', { ...good, messages: [user("q")] }],
  ['query: the query is empty; give its text; got " \\n"', { ...good, query: " \n" }],
  ["query: expected text, got 5", { ...good, query: 5 }],
  [
    'messages[1].content: the query is empty; give its text; got ""',
    { messages: [user("a"), user("")], responses: ["a"] },
  ],
  ["messages: expected at least one, got an empty list", { messages: [], responses: ["a"] }],
  [
    'messages[0].role: expected "system", "user", "assistant", got "usr"; did you mean "user"?',
    { messages: [{ role: "usr", content: "a" }], responses: ["a"] },
  ],
  [
    "messages[1].role: a system message can only be the first message; move it to the front",
    { messages: [user("a"), { role: "system", content: "s" }, user("b")], responses: ["a"] },
  ],
  [
    'messages[1].role: the last message must be the user\'s (role "user")',
    { messages: [user("a"), { role: "assistant", content: "b" }], responses: ["a"] },
  ],
  ["messages[0].content: expected text, got nothing", { messages: [{ role: "user" }], responses: ["a"] }],
  ['messages: expected a list of {"role", "content"}, got "hi"', { messages: "hi", responses: ["a"] }],
  ['responses: expected a list of texts or of {"id", "text"}, got nothing', { query: "q" }],
  ["responses: expected at least one, got an empty list", { query: "q", responses: [] }],
  [
    'responses[1]: the response is empty; give its text or remove it; got "\\t"',
    { query: "q", responses: ["a", "\t"] },
  ],
  ['responses[0]: expected text or {"id", "text"}, got null', { query: "q", responses: [null] }],
  [
    'responses[1].id: the id "x" is also that of responses[0] (without an id it is the position); rename one',
    {
      query: "q",
      responses: [
        { id: "x", text: "a" },
        { id: "x", text: "b" },
      ],
    },
  ],
  [
    'responses[1].id: the id "0" is also that of responses[0] (without an id it is the position); rename one',
    { query: "q", responses: ["a", { id: 0, text: "b" }] },
  ],
  ['id: expected an id that is not blank; give one or leave the field out; got ""', { ...good, id: "" }],
  ["id: expected text, got 1.5", { ...good, id: 1.5 }],
  ["criteria: expected at least one, got an empty list", { ...good, criteria: [] }],
  [
    'criteria[1]: expected "Term: description" or {"term", "description"}, got "no colon"',
    { ...good, criteria: ["a: b", "no colon"] },
  ],
  [
    'criteria: expected text, or a list of "Term: description" or {"term", "description"}, got {"a":1}',
    { ...good, criteria: { a: 1 } },
  ],
  [
    'criteria[1]: the term "DEPTH" is also that of criteria[0]; merge or rename them',
    { ...good, criteria: ["Depth: a", "DEPTH: b"] },
  ],
  [
    'criteria[0].description: the description is empty; say what the criterion means; got " "',
    { ...good, criteria: [{ term: "a", description: " " }] },
  ],
])("an error names the field: %s", async (message, row) => {
  // The error stands in line 2 between items that are kept.
  const [before, error, after] = await read([good, row, good]);
  expect([before, after]).toMatchObject([{ id: "stdin#0" }, { id: "stdin#2" }]);
  expect(error).toBe(`2, ${message}`);
});

test("a 5 MB response is refused with its size and the limit, which is an option", async () => {
  const row = { query: "q", responses: ["a", "x".repeat(5_000_000)] };
  expect(await read([row])).toEqual([
    "1, responses[1]: the response has 5,000,000 characters, the limit is 1,048,576; shorten it or raise the limit",
  ]);
  expect(await read([row], { maxResponseCharacters: 5_000_000 })).toMatchObject([{ id: "stdin#0" }]);
});

test("an id that was seen names both places, also where one is a default id", async () => {
  expect(await read([{ ...good, id: "x" }, { ...good, id: "x" }, good, { ...good, id: "stdin#2" }])).toMatchObject([
    { id: "x" },
    '2, id: the id "x" is also that of line 1 of stdin; give each item its own',
    { id: "stdin#2" },
    '4, id: the id "stdin#2" is also that of line 3 of stdin; give each item its own',
  ]);
});

test("for criteria alone responses may be missing and are not looked at", async () => {
  const rows = [{ query: "q" }, { query: "q", responses: [5, ""] }];
  expect(await read(rows, { queryOnly: true })).toMatchObject([{ responses: [] }, { responses: [] }]);
  const csv = await read("q,x\nhello,1", {
    format: "csv",
    queryOnly: true,
    columns: { query: "q", responses: ["absent"] },
  });
  expect(csv).toMatchObject([{ query: { messages: [user("hello")] }, responses: [] }]);
});

test("CSV with our names: lists are JSON in a cell, empty optional cells are absent", async () => {
  const csv = [
    "id,query,messages,responses,criteria",
    'a,q,,"[""x"", {""id"": ""r"", ""text"": ""y""}]","[""A: b""]"',
    ',,"[{""role"": ""user"", ""content"": ""hi""}]","[""x""]",Depth: all',
    "b,q,,not a list,",
  ].join("\n");
  expect(await read(csv, { format: "csv" })).toEqual([
    {
      id: "a",
      query: { messages: [user("q")] },
      responses: [
        { id: "0", text: "x" },
        { id: "r", text: "y" },
      ],
      criteria: [{ term: "A", description: "b" }],
    },
    { id: "stdin#1", query: { messages: [user("hi")] }, responses: [{ id: "0", text: "x" }], criteria: "Depth: all" },
    '4, responses: expected a list written as JSON, got "not a list"',
  ]);
});

test("CSV with named columns: one column per response, others ignored, errors in the file's own names", async () => {
  const columns = { id: "pair", query: "question", responses: ["response_A", "response_B"] };
  const csv = 'pair,question,label,response_A,response_B\n1,q,A>B,"[1]",b\n2,q,A>B,a,\n';
  expect(await read(csv, { format: "csv", columns })).toMatchObject([
    { id: "1", responses: [{ text: "[1]" }, { text: "b" }] },
    '3, response_B: the response is empty; give its text or remove it; got ""',
  ]);
  expect(await read("pair,question\n1,q", { format: "csv", columns })).toEqual([
    '1: there is no column "response_A"; the columns are "pair", "question"',
  ]);
});

test("named columns work for JSON Lines, too", async () => {
  const columns = { query: "question", responses: ["response_A", "response_B"] };
  const rows = [
    { question: "q", response_A: "a", response_B: "b", label: "A>B" },
    { question: "q", response_A: "a" },
  ];
  expect(await read(rows, { columns })).toMatchObject([
    { responses: [{ text: "a" }, { text: "b" }] },
    '2, response_B: expected text or {"id", "text"}, got nothing',
  ]);
});

test("Parquet: lists of texts and of structs, conversations, and columns by name", async () => {
  const conversation = [{ role: "system", content: "s" }, user("hi")];
  const bytes = parquetOf([
    {
      schema: listOf("messages", struct("element", text("role"), text("content"))),
      data: [conversation, conversation],
    },
    {
      schema: listOf("responses", struct("element", text("id"), text("text"))),
      data: [[{ id: "x", text: "a" }, { text: "b" }], []],
    },
    { schema: text("criteria"), data: [null, "c"] },
  ]);
  expect(await read(bytes, { format: "parquet", name: "x.parquet" })).toEqual([
    {
      id: "x.parquet#0",
      query: { messages: conversation },
      responses: [
        { id: "x", text: "a" },
        { id: "1", text: "b" },
      ],
    },
    "x.parquet, responses: row 1 (from 0): expected at least one, got an empty list",
  ]);

  const named = parquetOf([
    { schema: text("prompt"), data: ["q", "q"] },
    { schema: listOf("completions", text("element")), data: [["a", "b"], ["a"]] },
    { schema: text("other"), data: ["1", "2"] },
  ]);
  const columns = { query: "prompt", responses: "completions", id: "other" };
  expect(await read(named, { format: "parquet", columns })).toMatchObject([
    { id: "1", responses: [{ text: "a" }, { text: "b" }] },
    { id: "2", responses: [{ text: "a" }] },
  ]);
});

test("a format that cannot be told is one error", async () => {
  const results = await collect(readItems("items.txt"));
  expect(results).toMatchObject([{ ok: false, error: { where: { file: "items.txt" } } }]);
});
