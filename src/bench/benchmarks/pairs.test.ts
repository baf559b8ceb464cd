import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { loadAll, scoreWith, writeRows } from "../test-helpers.ts";
import { pairs } from "./pairs.ts";

const load = async (...rows: unknown[]) => loadAll(pairs, await writeRows(await temporaryFolder(), "set.jsonl", rows));

describe("rows of preference pairs", () => {
  it("are prompt, chosen and rejected", async () => {
    expect((await load({ prompt: "q", chosen: "c", rejected: "r" }))[0]).toEqual({
      ...{ key: "set.jsonl#0", subset: "set", query: { messages: [{ role: "user", content: "q" }] } },
      responses: [
        { id: "0", text: "c" },
        { id: "1", text: "r" },
      ],
      ...{ quality: [1, 0], pairs: [[0, 1]], label: { contextsDiffer: false } },
    });
  });

  it("or the normal form of preference pairs, whose source is the subset", async () => {
    const messages = [{ role: "user", content: "q" }];
    const [item] = await load({ id: "a#0", messages, chosen: "c", rejected: "r", source: "hh-rlhf" });
    expect(item).toMatchObject({
      ...{ key: "set.jsonl#0", subset: "hh-rlhf", query: { messages } },
      responses: [{ text: "c" }, { text: "r" }],
      label: { contextsDiffer: false },
    });
  });

  it("or whole dialogues, cut before the last Assistant turn", async () => {
    const context = "\n\nHuman: hi\n\nAssistant: yes?\n\nHuman: more\n\nHuman: please";
    const [item] = await load({
      chosen: `${context}\n\nAssistant: Sure.\n\nHere. `,
      rejected: `${context}\n\nAssistant:`,
    });
    expect(item!.query.messages).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: "yes?" },
      { role: "user", content: "more\n\nplease" },
    ]);
    expect(item!.responses.map(({ text }) => text)).toEqual(["Sure.\n\nHere.", ""]);
  });

  it("or conversations that end with the answers", async () => {
    const asked = { role: "user", content: "q" };
    const [item] = await load({
      chosen: [asked, { role: "assistant", content: "c" }],
      rejected: [asked, { role: "assistant", content: "r" }],
    });
    expect(item).toMatchObject({ query: { messages: [asked] }, responses: [{ text: "c" }, { text: "r" }] });
  });

  it("whose contexts differ are counted, and left out of a number beside", async () => {
    const path = await writeRows(await temporaryFolder(), "set.jsonl", [
      { chosen: "\n\nHuman: a\n\nAssistant: x", rejected: "\n\nHuman: b\n\nAssistant: y" },
      { chosen: "\n\nHuman: a\n\nAssistant: x", rejected: "\n\nHuman: a\n\nAssistant: y" },
    ]);
    const result = await scoreWith(
      pairs,
      path,
      (_, n) =>
        [
          [1, 2],
          [2, 1],
        ][n]!,
    );
    expect(result.headline.value).toBe(0.5);
    expect(result.details).toEqual({ contextsDiffer: 1, withoutDifferingContexts: { strict: 1, half: 1, tieRate: 0 } });
  });

  it.each<[object, string]>([
    [
      { chosen: "text", rejected: "\n\nHuman: b\n\nAssistant: y" },
      'chosen: row 0 (from 0): expected a dialogue with Human: and Assistant: turns, or a field "prompt"',
    ],
    [{ prompt: "q", chosen: "c" }, "rejected: row 0 (from 0): the field is missing; the row has prompt, chosen"],
    [
      { prompt: 5, chosen: "c", rejected: "r" },
      "prompt: row 0 (from 0): expected text or a list of {role, content}, got 5",
    ],
    [
      { chosen: [{ role: "user", content: "q" }], rejected: "r" },
      "chosen: row 0 (from 0): expected a conversation that ends with the assistant, got user last",
    ],
  ])("%j are refused", async (row, message) => {
    await expect(load(row)).rejects.toThrow(`set.jsonl, line 1, ${message}`);
  });
});
