import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConversations } from "./read-conversations.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-conversations-"));
});
afterAll(() => rm(directory, { recursive: true }));

const messages = [
  { role: "user", content: "q" },
  { role: "assistant", content: "criteria" },
  { role: "user", content: "r" },
  { role: "assistant", content: "evaluation" },
];

async function read(...lines: object[]) {
  const file = join(directory, "c.jsonl");
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return readConversations(file);
}

test("without a choice all assistant turns are trained on; other members do not matter", async () => {
  const [all, second] = await read({ id: "a", messages, source: "x" }, { id: "b", messages, train: [2, 2] });
  expect(all).toEqual({ id: "a", messages, train: [1, 2] });
  expect(second!.train).toEqual([2]);
});

test.each([
  [[{ id: "a", messages, train: [3] }], "line 1, train: names assistant turn 3, and there are 2"],
  [[{ id: "a", messages: [messages[0], messages[2]] }], "line 1, messages: has no message of the assistant"],
  [[{ id: "a", messages: messages.slice(0, 3) }], "line 1, messages: ends with another message than the assistant's"],
  [
    [{ id: "a", messages: [messages[0], { role: "assistant", content: " " }] }],
    "line 1, messages: message 1 of the assistant is empty",
  ],
  [[{ id: "a", messages: [messages[0], { role: "bot", content: "x" }] }], "line 1, messages.1.role"],
  [
    [
      { id: "a", messages },
      { id: "a", messages },
    ],
    'line 2, id: the id "a" is also that of line 1',
  ],
  [[{ messages }], "line 1, id"],
  [[], "holds no conversation"],
])("faulty lines are refused with their place: %j", async (lines, message) => {
  await expect(read(...lines)).rejects.toThrow(message);
});
