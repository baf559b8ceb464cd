import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { runCli } from "../../../test/run-cli.ts";
import type { SetReport } from "../../train/cold-start/set-report.ts";
import { readConversations } from "../../train/sft/read-conversations.ts";

const home = cliHome();

describe("cerm train cold-start records", () => {
  /** A folder with one record of InfoBench. */
  async function records(): Promise<string> {
    const folder = join(home.path, "preferences");
    await mkdir(join(folder, "infobench"), { recursive: true });
    const row = {
      ...{
        subset: "Hard_set",
        instruction: "Write a poem about rain with a title and two stanzas.",
        input: "",
        output: "Rain.",
      },
      decomposed_questions: [
        "Is the generated text a poem?",
        "Does the generated text include a title?",
        "Does the generated text contain two stanzas?",
      ],
      question_label: [["Format"], ["Content"], ["Number"]],
      eval: [true, false, true],
    };
    await writeFile(join(folder, "infobench", "GPT4_DecomposeEval.jsonl.gz"), gzipSync(JSON.stringify(row)));
    return folder;
  }

  test("writes a set that training reads, with a report", async () => {
    const out = join(home.path, "records");
    const args = ["--data", await records(), "--source", "infobench", "--held-out", "0", "--json", "--out", out];
    const { code, json, notes } = await runCli(["train", "cold-start", "records", ...args]);
    expect({ code, notes }).toEqual({ code: 0, notes: [] });
    const [report] = json() as SetReport[];
    expect(report).toMatchObject({
      train: { conversations: 1, byOverall: { 7: 1 } },
      settings: { tokenizer: "characters / 4" },
    });
    expect(await readConversations(join(out, "train.jsonl"))).toMatchObject([
      { train: [1, 2], messages: { length: 4 } },
    ]);
    expect(await readFile(join(out, "report.md"), "utf8")).toContain("| infobench | MIT |");
  });

  test("says which file is missing, and which source there is not", async () => {
    const args = ["train", "cold-start", "records", "--data", await records(), "--out", join(home.path, "none")];
    const all = await runCli(args);
    expect(all).toMatchObject({
      code: 2,
      notes: [expect.stringContaining("length_subset.jsonl.gz: is not there, and writingbench needs it")],
    });
    const unknown = await runCli([...args, "--source", "infobenchs"]);
    expect(unknown.notes[0]).toContain('there is no source of records "infobenchs"');
    expect(unknown.notes[0]).toContain("did you mean infobench?");
  });
});

describe("cerm train cold-start teacher", () => {
  test("asks a judge several times and keeps what ranks pairs right; continued, it asks nothing again", async () => {
    const stub = await home.stub();
    const pairs = Array.from({ length: 12 }, (_, index) => ({
      ...{ id: `p${index}`, source: "test", messages: [{ role: "user", content: `Question ${index}?` }] },
      ...{ chosen: `A first answer ${index}.`, rejected: `Another answer ${index}.` },
    }));
    const data = await home.file("pairs.jsonl", pairs);
    const out = join(home.path, "teacher");
    const args = [
      "train",
      "cold-start",
      "teacher",
      data,
      "--base-url",
      stub.url,
      "--pack",
      "default",
      "--no-guided",
      "--held-out",
      "0",
      "--json",
      "--out",
      out,
    ];
    const first = await runCli(args);
    expect({ code: first.code, notes: first.notes }).toMatchObject({ code: 0 });
    const [report] = first.json() as SetReport[];
    expect(report!.yields).toMatchObject({ pairs: 12, criteria: { asked: 24 }, evaluations: { asked: 96 } });
    expect(report!.yields!.kept).toBeGreaterThan(0);
    const { conversations, teaching } = report!.train;
    expect(teaching.evaluation).toBeGreaterThan(0);
    expect(await readConversations(join(out, "train.jsonl"))).toHaveLength(conversations);
    const asked = stub.counts.completions;
    expect(asked).toBeGreaterThan(0);
    const again = await runCli(args);
    expect(again.json()).toEqual(first.json());
    expect(stub.counts.completions).toBe(asked);
  });

  test("asks about short pairs alone where told to, and says where there is none", async () => {
    const stub = await home.stub();
    const pair = (id: string, chosen: string, rejected: string) => ({
      ...{ id, chosen, rejected, source: "test" },
      messages: [{ role: "user", content: `${id}?` }],
    });
    // Four characters are a token, and a message takes five more: 2 + 5 + 75 + 5 tokens of the second.
    const pairs = [pair("short", "This.", "That one."), pair("long", "This.", "That one. ".repeat(30))];
    const data = await home.file("pairs.jsonl", pairs);
    const run = (tokens: string, name: string) =>
      runCli([
        ...["train", "cold-start", "teacher", data, "--base-url", stub.url, "--pack", "default", "--no-guided"],
        ...["--max-pair-tokens", tokens, "--held-out", "0", "--json", "--out", join(home.path, name)],
      ]);
    const some = await run("86", "some");
    expect(some.notes).toContain("teacher: 1 of 2 pairs have at most 86 tokens");
    const ofOne = stub.counts.completions;
    expect(ofOne).toBeGreaterThan(0);
    const all = await run("87", "all");
    expect(all.notes).not.toContainEqual(expect.stringContaining("tokens"));
    // What was asked about the short one is in the store.
    expect(stub.counts.completions).toBe(2 * ofOne);
    const none = await run("5", "none");
    expect(none).toMatchObject({ code: 2, notes: [expect.stringContaining("none of 2 pairs has at most 5 tokens")] });
  });
});
