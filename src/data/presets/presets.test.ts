import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { readPreferences } from "../read-preferences.ts";
import { collect, temporaryFolder } from "../test-helpers.ts";
import { presets } from "./presets.ts";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

/** Rows made by hand in the documented shapes; no text of the collections is in them. */
async function read(rows: object[], options: { preset?: string; file?: string; beside?: Record<string, string> } = {}) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(options.beside ?? {})) await writeFile(join(folder, name), text);
  const path = join(folder, options.file ?? "rows.jsonl");
  await writeFile(path, rows.map((row) => JSON.stringify(row)).join("\n"));
  const found: string[] = [];
  const results = await collect(
    readPreferences(path, { preset: options.preset, onPreset: (_, { name }) => found.push(name) }),
  );
  const pairs = results.flatMap((result): PreferencePair[] => (result.ok && result.pair ? [result.pair] : []));
  return {
    preset: found[0],
    pairs,
    none: results.flatMap((result) => (result.ok && result.none !== undefined ? [result.none] : [])),
    errors: results.flatMap((result) => (result.ok ? [] : [result.error.message.replace(path, "rows.jsonl")])),
  };
}

test("names are unique, and every preset says what to know", () => {
  const names = presets.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  // Without a licence for the data nothing may be shipped.
  expect(presets.filter(({ licence, shippable }) => licence === null && shippable)).toEqual([]);
  expect(presets.find(({ name }) => name === "pandalm")?.caveat).toContain("never train on it");
});

test("the documentation has a line for each, with its licence", async () => {
  const documentation = await readFile(new URL("../../../docs/data.md", import.meta.url), "utf8");
  for (const { name, title, url, licence, shippable, gives, strength, caveat = "" } of presets) {
    const cells = [
      `\`${name}\``,
      url === "" ? title : `[${title}](${url})`,
      licence ?? "none named",
      shippable ? "yes" : "no",
    ];
    expect(documentation).toContain(`| ${[...cells, gives, strength ?? "-", caveat].join(" | ")} |\n`);
  }
});

describe("conversations as chosen and rejected", () => {
  const row = {
    chosen: [user("Why?"), assistant("Because."), user("And?"), assistant("Good.")],
    rejected: [user("Why?"), assistant("Because."), user("And?"), assistant("Bad.")],
  };
  const messages = row.chosen.slice(0, 3);

  test("Skywork-Reward-Preference-80K", async () => {
    const { preset, pairs } = await read([{ ...row, source: "magpie_ultra" }]);
    expect(preset).toBe("skywork-reward-preference-80k");
    expect(pairs).toEqual([
      {
        id: "rows.jsonl#0",
        messages,
        chosen: "Good.",
        rejected: "Bad.",
        source: "skywork-reward-preference-80k/magpie_ultra",
      },
    ]);
  });

  test("Tulu 3", async () => {
    const { preset, pairs } = await read([{ id: "a", source: "personas", prompt: "Why?", ...row }]);
    expect(preset).toBe("tulu-3-preference");
    expect(pairs[0]).toEqual({
      ...{ id: "rows.jsonl#0", messages, chosen: "Good.", rejected: "Bad." },
      source: "tulu-3-preference/personas",
    });
    const rated = { chosen_rating: 5, rejected_rating: 2, chosen_model: "a", rejected_model: "b" };
    expect((await read([{ id: "a", source: "personas", prompt: "Why?", ...row, ...rated }])).preset).toBe(preset);
  });

  test("UltraFeedback Binarized: strength from the scores, ties and reversed scores are no pairs", async () => {
    const scored = (chosen: number, rejected: number) => ({
      ...{ prompt: "Why?", prompt_id: "x", messages: row.chosen, ...row },
      ...{ score_chosen: chosen, score_rejected: rejected },
    });
    const { preset, pairs, none } = await read([scored(8.5, 4), scored(7, 7), scored(3, 6)]);
    expect(preset).toBe("ultrafeedback-binarized");
    expect(pairs.map(({ strength }) => strength)).toEqual([0.5]);
    expect(pairs[0]?.messages).toEqual(messages);
    expect(none).toEqual(["tie", "the rejected response has the higher score"]);
  });

  test("conversations that differ before the response are no pair", async () => {
    const rejected = [user("Why?"), assistant("Dunno."), user("And?"), assistant("Bad.")];
    const { pairs, none } = await read([{ ...row, rejected, source: "s" }]);
    expect(pairs).toEqual([]);
    expect(none).toEqual(["the two conversations differ before the last response"]);
  });
});

describe("ratings and rankings", () => {
  test("UltraFeedback: a pair for every two completions with different mean ratings", async () => {
    const completion = (response: string, ratings: (number | string)[]) => ({
      ...{ response, model: "m", custom_system_prompt: "s", overall_score: 7 },
      annotations: Object.fromEntries(
        ["instruction_following", "honesty", "truthfulness", "helpfulness"].map((aspect, index) => [
          aspect,
          { Rating: ratings[index], Rationale: "r" },
        ]),
      ),
    });
    const { preset, pairs } = await read([
      {
        ...{ source: "evol_instruct", instruction: "Do it.", models: [] },
        completions: [
          completion("low", ["1", "1", "1", "1"]),
          completion("high", ["5", "5", "5", "5"]),
          completion("unrated", ["5", "N/A", "5", "5"]),
          completion("also high", [5, 5, 5, 5]),
        ],
      },
    ]);
    expect(preset).toBe("ultrafeedback");
    expect(pairs).toEqual([
      {
        ...{ id: "rows.jsonl#0/0", messages: [user("Do it.")], chosen: "high", rejected: "low" },
        ...{ source: "ultrafeedback/evol_instruct", strength: 1 },
      },
      expect.objectContaining({ id: "rows.jsonl#0/1", chosen: "also high", rejected: "low", strength: 1 }),
    ]);
  });

  test("HelpSteer2: rows of one prompt that follow one another are one item", async () => {
    const rated = (prompt: string, response: string, helpfulness: number) => ({
      ...{ prompt, response, helpfulness, correctness: 4, coherence: 4, complexity: 2, verbosity: 2 },
    });
    const { preset, pairs, none, errors } = await read([
      rated("p", "bad", 1),
      rated("p", "good", 4),
      rated("q", "one", 3),
      rated("q", "two", 3),
      { ...rated("r", "broken", 9) },
      rated("r", "left", 2),
      rated("r", "right", 3),
    ]);
    expect(preset).toBe("helpsteer-2");
    expect(pairs).toEqual([
      {
        ...{ id: "rows.jsonl#0", messages: [user("p")], chosen: "good", rejected: "bad" },
        ...{ source: "helpsteer-2", strength: 0.75 },
      },
      expect.objectContaining({ id: "rows.jsonl#5", chosen: "right", rejected: "left", strength: 0.25 }),
    ]);
    const rest = "belongs to the item of the row before";
    expect(none).toEqual([rest, "tie", rest, rest]);
    expect(errors).toEqual(["rows.jsonl, line 5, helpfulness: row 4 (from 0): expected a number from 0 to 4, got 9"]);
  });

  test("HelpSteer2: marked turns become messages", async () => {
    const prompt = "Hi\n<extra_id_1>Assistant\nHello!\n<extra_id_1>User\nAnd now?";
    const { pairs } = await read([
      { prompt, response_1: "a", response_2: "b", preference_strength: 1, split: "train", preference_statement: "s" },
    ]);
    expect(pairs[0]?.messages).toEqual([user("Hi"), assistant("Hello!"), user("And now?")]);
  });

  test("Nectar: a pair for every two answers with different ranks", async () => {
    const { preset, pairs } = await read([
      {
        prompt: "\n\nHuman: Why?\n\nAssistant: So.\n\nHuman: And?\n\nAssistant: ",
        answers: [
          { answer: "third", model: "m", rank: 3 },
          { answer: "first", model: "m", rank: 1 },
          { answer: "second", model: "m", rank: 2 },
        ],
        ...{ turns: 2, num_responses: 3, source: ["lmsys-chat-1m"], good_natured: true },
      },
    ]);
    expect(preset).toBe("nectar");
    expect(pairs.map(({ chosen, rejected, strength }) => [chosen, rejected, strength])).toEqual([
      ["first", "third", 1],
      ["second", "third", 0.5],
      ["first", "second", 0.5],
    ]);
    expect(pairs[0]?.messages).toEqual([user("Why?"), assistant("So."), user("And?")]);
    expect(pairs[0]?.source).toBe("nectar/lmsys-chat-1m");
  });
});

describe("two responses and a preference", () => {
  test("HelpSteer2-Preference: below 0 the first is better", async () => {
    const row = (preference: number) => ({
      ...{ split: "train", prompt: "p", response_1: "one", response_2: "two" },
      preference_strength: preference,
    });
    const { preset, pairs, none } = await read([row(-3), row(1), row(0)]);
    expect(preset).toBe("helpsteer-2-preference");
    expect(pairs.map(({ chosen, strength }) => [chosen, strength])).toEqual([
      ["one", 1],
      ["two", 1 / 3],
    ]);
    expect(none).toEqual(["tie"]);
  });

  test("HelpSteer3: context, domain and language", async () => {
    const row = (preference: number, language: string) => ({
      ...{ domain: "code", language, context: [user("a"), assistant("b"), user("c")] },
      ...{ response1: "one", response2: "two", overall_preference: preference, individual_preference: [] },
    });
    const { preset, pairs, errors } = await read([row(-2, "python"), row(2, "english"), row(5, "english")]);
    expect(preset).toBe("helpsteer-3");
    expect(pairs).toEqual([
      {
        ...{ id: "rows.jsonl#0", messages: [user("a"), assistant("b"), user("c")], chosen: "one", rejected: "two" },
        ...{ source: "helpsteer-3", strength: 2 / 3, domain: "code/python" },
      },
      expect.objectContaining({ chosen: "two", domain: "code" }),
    ]);
    expect(errors).toEqual([
      "rows.jsonl, line 3, overall_preference: row 2 (from 0): expected a number from -3 to 3, got 5",
    ]);
  });

  test("hh-rlhf: whole dialogues", async () => {
    const start = "\n\nHuman: Why?\n\nAssistant: So.\n\nHuman: And?";
    const { preset, pairs, none } = await read([
      { chosen: `${start}\n\nAssistant: Good.`, rejected: `${start}\n\nAssistant: Bad.` },
      { chosen: "\n\nHuman: a\n\nAssistant: x", rejected: "\n\nHuman: b\n\nAssistant: y" },
    ]);
    expect(preset).toBe("hh-rlhf");
    expect(pairs).toEqual([
      {
        ...{ id: "rows.jsonl#0", messages: [user("Why?"), assistant("So."), user("And?")] },
        ...{ chosen: "Good.", rejected: "Bad.", source: "hh-rlhf" },
      },
    ]);
    expect(none).toHaveLength(1);
  });

  test("Arena votes: conversations as lists or as JSON", async () => {
    const row = (winner: string, text: (messages: object[]) => unknown = (messages) => messages) => ({
      ...{ question_id: "1", model_a: "a", model_b: "b", winner, turn: 1, language: "English" },
      conversation_a: text([user("q"), assistant("one")]),
      conversation_b: text([user("q"), assistant("two")]),
    });
    const { preset, pairs, none, errors } = await read([
      row("model_a"),
      row("model_b", JSON.stringify),
      row("tie (bothbad)"),
      row("model_c"),
    ]);
    expect(preset).toBe("arena");
    expect(pairs.map(({ messages, chosen, rejected }) => [messages, chosen, rejected])).toEqual([
      [[user("q")], "one", "two"],
      [[user("q")], "two", "one"],
    ]);
    expect(none).toEqual(["tie"]);
    expect(errors[0]).toContain('winner: row 3 (from 0): expected "model_a", "model_b", "tie"');
  });

  test("Arena votes, 55k: turns as JSON, winners in columns", async () => {
    const row = (a: number, b: number, turns = ["q"]) => ({
      ...{ id: 1, model_a: "a", model_b: "b", prompt: JSON.stringify(turns) },
      ...{ response_a: '["one"]', response_b: '["two"]', winner_model_a: a, winner_model_b: b, winner_tie: 1 - a - b },
    });
    const { preset, pairs, none } = await read([
      ...[row(1, 0), row(0, 1), row(0, 0), row(1, 0, ["q", "r"])],
      // Of several turns, one may have no response.
      { ...row(0, 1, ["q", "r"]), response_a: '["one",null]' },
    ]);
    expect(preset).toBe("arena-55k");
    expect(pairs.map(({ chosen }) => chosen)).toEqual(["one", "two"]);
    const several = "the two conversations differ before the last response";
    expect(none).toEqual(["tie", several, several]);
  });
});

describe("collections with annotators", () => {
  test("Auto-J", async () => {
    const row = (label: number) => ({
      scenario: "poems",
      label,
      prompt: "p",
      "response 1": "one",
      "response 2": "two",
    });
    const { preset, pairs, none } = await read([row(0), row(1), row(2)]);
    expect(preset).toBe("auto-j");
    expect(pairs.map(({ chosen, domain }) => [chosen, domain])).toEqual([
      ["one", "poems"],
      ["two", "poems"],
    ]);
    expect(none).toEqual(["tie"]);
  });

  test("QA-Feedback: passages are the context, six labels are up to six pairs", async () => {
    const row = (preference: unknown) => ({
      question: "Who?",
      passages: [
        ["Title", "Title\n\nIt begins.", "It goes on."],
        ["Other", "A middle."],
      ],
      ...{ gold: "g", "prediction 1": "1", "prediction 2": "2", "prediction 3": "3", "prediction 4": "4" },
      ...{ feedback: {}, preference },
    });
    const { preset, pairs, none, errors } = await read([
      row([1, 0, 2, 0, 0, 2]),
      row([0, 0, 0, 0, 0, 0]),
      row([1, 0, 2, 0, 3, 2]),
    ]);
    expect(preset).toBe("qa-feedback");
    expect(pairs.map(({ id, chosen, rejected }) => [id, chosen, rejected])).toEqual([
      ["rows.jsonl#0/0", "1", "2"],
      ["rows.jsonl#0/1", "4", "1"],
      ["rows.jsonl#0/2", "4", "3"],
    ]);
    expect(pairs[0]?.messages).toEqual([
      { role: "system", content: "Title\n\nIt begins. It goes on.\n\nOther\n\nA middle." },
      user("Who?"),
    ]);
    expect(none).toEqual(["tie"]);
    expect(errors[0]).toContain("preference[4]: row 2 (from 0): expected 0, 1 or 2, got 3");
  });

  test("PandaLM: the majority of three, its lead as strength", async () => {
    const row = (...[annotator1, annotator2, annotator3]: number[]) => ({
      ...{ idx: 0, motivation_app: "Mail", cmp_key: "a_b", instruction: "Do", input: "this" },
      ...{ response1: "one", response2: true, annotator1, annotator2, annotator3 },
    });
    const { preset, pairs, none } = await read([row(1, 1, 1), row(2, 2, 0), row(1, 2, 2), row(0, 0, 1), row(0, 1, 2)]);
    expect(preset).toBe("pandalm");
    expect(pairs.map(({ chosen, strength }) => [chosen, strength])).toEqual([
      ["one", 1],
      ["true", 2 / 3],
      ["true", 1 / 3],
    ]);
    expect(pairs[0]).toMatchObject({ messages: [user("Do\n\nthis")], domain: "Mail" });
    expect(none).toEqual(["tie", "no majority"]);
  });

  const pair = (id: number) => ({
    ...{ id, prompt: 8, text: "q", type: "creativity", slug: "s", note: null },
    ...{ model_x: 1, result_x: "x", model_y: 2, result_y: "y" },
  });

  test("LLMFAO: votes are joined from the file beside it", async () => {
    const votes = ["0,left", "0,left", "0,tie", "1,tie", "2,right", "2,left"];
    const { preset, pairs, none } = await read([pair(0), pair(1), pair(2), pair(3)], {
      beside: { "crowd-comparisons.csv": `id,winner\n${votes.join("\n")}\n` },
    });
    expect(preset).toBe("llmfao");
    expect(pairs).toEqual([
      {
        ...{ id: "rows.jsonl#0", messages: [user("q")], chosen: "x", rejected: "y" },
        ...{ source: "llmfao", strength: 2 / 3, domain: "creativity" },
      },
    ]);
    expect(none).toEqual(["tie", "no majority", "no votes"]);
  });

  test("LLMFAO: what is wrong with the votes is said", async () => {
    expect((await read([pair(0)])).errors).toEqual([
      expect.stringContaining("crowd-comparisons.csv: there is no such"),
    ]);
    const { errors } = await read([pair(0)], { beside: { "crowd-comparisons.csv": "id,winner\n0,up\n" } });
    expect(errors[0]).toMatch(/crowd-comparisons\.csv, line 2, winner: expected "left", "right" or "tie", got "up"/);
  });
});

describe("other sets", () => {
  test("rows of prompt, chosen and rejected; the file names the source", async () => {
    const { preset, pairs } = await read(
      [
        { prompt: "p", chosen: "[1, 2]", rejected: "no" },
        { prompt: [user("a"), assistant("b"), user("c")], chosen: [assistant("yes")], rejected: [assistant("no")] },
      ],
      { file: "mine.jsonl" },
    );
    expect(preset).toBe("pairs");
    expect(pairs).toEqual([
      { id: "mine.jsonl#0", messages: [user("p")], chosen: "[1, 2]", rejected: "no", source: "mine" },
      {
        ...{ id: "mine.jsonl#1", messages: [user("a"), assistant("b"), user("c")], chosen: "yes", rejected: "no" },
        source: "mine",
      },
    ]);
  });

  test("the normal form keeps ids and sources", async () => {
    const pairs = [
      { id: "x", messages: [user("q")], chosen: "a", rejected: "b", source: "s/t", strength: 0.5, domain: "d" },
      { id: "y", messages: [user("q")], chosen: "a", rejected: "b", source: "s" },
    ];
    expect(await read(pairs)).toMatchObject({ preset: "normal", pairs });
  });
});
