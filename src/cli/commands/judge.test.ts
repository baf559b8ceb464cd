import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { cliHome, testItems } from "../../../test/cli-home.ts";
import { criteriaText, evaluationText, responseOf, turnOf } from "../../../test/fake-engine.ts";
import { runCli } from "../../../test/run-cli.ts";
import type { StubBody } from "../../../test/stub-server/index.ts";
import { parquetOf, text } from "../../data/parquet-test-helpers.ts";

const home = cliHome();
/** Answers with the score a response ends in. */
const byDigit = (body: StubBody) => {
  const request = body as Parameters<typeof turnOf>[0];
  if (turnOf(request) === "criteria") return criteriaText("Accuracy", "Clarity");
  return evaluationText(["Accuracy", "Clarity"], /(\d+)$/.exec(responseOf(request)!)?.[1] ?? "none");
};
const digits = (...scores: (number | string)[]) => ({
  query: "Why?",
  responses: scores.map((score) => `Answer ${score}`),
});

test("arguments: a query with responses, results as JSON where nobody watches", async () => {
  const stub = await home.stub({ reply: byDigit });
  const args = ["--query", "Why?", "--response", "Answer 4", "--response", "Answer 9"];
  const result = await runCli(["judge", ...args, "--base-url", stub.url]);
  expect(result.code).toBe(0);
  expect(result.notes).toEqual([]);
  expect(result.json()).toMatchObject([
    {
      id: "query",
      mode: "unified",
      criteria: [{ items: [{ term: "Accuracy" }, { term: "Clarity" }] }],
      responses: [
        { id: "0", rank: 2, reward: 4, scale: [0, 10], votes: 1, unscoredVotes: 0 },
        { id: "1", rank: 1, reward: 9, evaluations: [{ score: 9, rationale: "A fair response." }] },
      ],
      ranking: ["1", "0"],
      usage: { promptTokens: expect.any(Number), outputTokens: expect.any(Number) },
      milliseconds: expect.any(Number),
      model: { engine: "openai", model: "stub-judge" },
      pack: expect.stringMatching(/^default@\d+#[0-9a-f]{12}$/),
    },
  ]);
  expect(result.json()[0]).toHaveProperty(["responses", 1, "evaluations", 0, "criterionScores", 0], {
    ...{ term: "Accuracy", score: 3, rationale: "It is fair." },
  });
});

test("on a terminal a table, best first for rank; --json and --text say otherwise", async () => {
  const stub = await home.stub({ reply: byDigit });
  const file = await home.file("one.jsonl", [{ id: "q", ...digits(4, 9) }]);
  const args = [file, "--base-url", stub.url];
  const table = async (...more: string[]) => (await runCli([...more, ...args], { interactive: true })).out.join("\n");
  expect(await table("judge")).toMatch(/Query q.*Criteria.*Responses.*4\/10.*9\/10/s);
  expect(await table("rank")).toMatch(/Ranking.*9\/10.*4\/10/s);
  expect(JSON.parse(await table("rank", "--json"))).toMatchObject({ id: "q", ranking: ["1", "0"] });
  expect((await runCli(["judge", ...args, "--text"])).out.join("\n")).toContain("Responses");
});

test("CSV and Parquet with named columns", async () => {
  const stub = await home.stub({ reply: byDigit });
  const csv = await home.file("rows.csv", 'key,prompt,chosen,rejected\nk1,"Why, then?",Answer 8,Answer 3\n');
  const columns = ["--id-column", "key", "--query-column", "prompt"];
  const responses = ["--response-column", "chosen", "--response-column", "rejected"];
  const common = [...columns, ...responses, "--base-url", stub.url];
  const expected = [{ id: "k1", responses: [{ reward: 8 }, { reward: 3 }] }];
  expect((await runCli(["judge", csv, ...common])).json()).toMatchObject(expected);
  const bytes = parquetOf(
    Object.entries({ key: "k1", prompt: "Why?", chosen: "Answer 8", rejected: "Answer 3" }).map(([name, value]) => ({
      ...{ schema: text(name), data: [value] },
    })),
  );
  const parquet = await home.file("rows.parquet", bytes);
  expect((await runCli(["judge", parquet, ...common])).json()).toMatchObject(expected);

  const list = await home.file("list.csv", 'prompt,answer,answers\nWhy?,Answer 7,"[""Answer 6"", ""Answer 2""]"\n');
  const rewards = async (...column: string[]) => {
    const result = await runCli(["judge", list, "--query-column", "prompt", ...column, "--base-url", stub.url]);
    const [item] = result.json() as { responses: { reward: number }[] }[];
    return item!.responses.map(({ reward }) => reward);
  };
  expect(await rewards("--response-column", "answer")).toEqual([7]);
  expect(await rewards("--responses-column", "answers")).toEqual([6, 2]);
});

test("--out continues where it stopped, and the same command again does nothing", async () => {
  const stub = await home.stub({ reply: byDigit });
  const items = testItems(6).map((item) => ({ ...item, responses: ["Answer 5"] }));
  const file = await home.file("resume.jsonl", items);
  const out = `${home.path}/resume-out.jsonl`;
  const args = ["judge", file, "--base-url", stub.url, "--store", "none", "--out", out];
  const some = await runCli([...args, "--limit", "2"]);
  expect(some).toMatchObject({ code: 0, out: [], notes: [`judge: 2 done -> ${out}`] });
  const rest = await runCli(args);
  expect(rest.notes).toEqual([`judge: 4 done, 2 were there already -> ${out}`]);
  const ids = async () =>
    (await readFile(out, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
  expect(await ids()).toEqual(items.map(({ id }) => id));
  const asked = stub.counts.completions;
  expect(asked).toBe(12);
  const again = await runCli(args);
  expect(again).toMatchObject({ code: 0, notes: [`judge: 0 done, 6 were there already -> ${out}`] });
  expect(stub.counts.completions).toBe(asked);
  expect(await ids()).toHaveLength(6);

  const other = await runCli([...args, "--pack", "compact", "--mode", "implicit"]);
  expect(other.code).toBe(2);
  expect(other.notes.join("\n")).toMatch(/resume-out\.jsonl.*mode.*pack|resume-out\.jsonl.*pack.*mode/s);
  expect(stub.counts.completions).toBe(asked);
});

test("--retry-failed does again what the engine failed at, and nothing else", async () => {
  let broken = true;
  const stub = await home.stub({
    reply: byDigit,
    respond: ({ body }) =>
      broken && JSON.stringify(body ?? "").includes("Answer 6")
        ? { status: 400, body: { error: { message: "not today" } } }
        : undefined,
  });
  const file = await home.file("retry.jsonl", [
    { id: "well", ...digits(4) },
    // A query of its own: the store knows what other tests asked.
    { id: "failed", ...digits(5, 6), query: "Why again?" },
    { id: "unreadable", ...digits(77) },
  ]);
  const out = `${home.path}/retry-out.jsonl`;
  const args = ["judge", file, "--base-url", stub.url, "--out", out];
  expect(await runCli(args)).toMatchObject({ code: 3, notes: [expect.stringContaining("3 done, 2 with something")] });
  broken = false;
  expect((await runCli(args)).notes).toEqual([`judge: 0 done, 3 were there already -> ${out}`]);
  expect((await runCli([...args, "--retry-failed"])).notes).toEqual([`judge: 1 done, 2 were there already -> ${out}`]);
  const results = (await readFile(out, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { id: string; responses: { reward: number | null }[] });
  const rewards = results.map(({ id, responses }) => [id, ...responses.map(({ reward }) => reward)]);
  expect(rewards.sort()).toEqual([
    ["failed", 5, 6],
    ["unreadable", null],
    ["well", 4],
  ]);
});

test("what could not be scored: null with the reason, exit code 3", async () => {
  const stub = await home.stub({ reply: byDigit });
  const file = await home.file("unscored.jsonl", [digits(4, 77), digits(5, 6)]);
  const result = await runCli(["rank", file, "--base-url", stub.url]);
  expect(result.code).toBe(3);
  expect(result.notes).toEqual(["rank: 2 done, 1 with something unscored"]);
  expect(result.json()[0]).toMatchObject({
    responses: [{ reward: 4 }, { reward: null, rank: 2, unscored: { reason: "out-of-scale" } }],
    ranking: ["0", "1"],
  });
});

test("bad rows get file, line and field, exit code 2, and the good ones keep their results", async () => {
  const stub = await home.stub({ reply: byDigit });
  const good = (id: string) => JSON.stringify({ id, query: "Why?", responses: ["Answer 5"] });
  const lines = [
    good("a"),
    '{"query":"Why?","responses":["x"],"qeury":"?"}',
    '{"query":"Why?","responses":["x",""]}',
    good("a"),
    "{broken",
    JSON.stringify({ query: "Why?", responses: ["x".repeat(5_000_000)] }),
    good("b"),
  ];
  const bad = Buffer.concat([
    Buffer.from(`${lines.join("\n")}\n{"query":"`),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('","responses":["x"]}\n'),
  ]);
  const file = await home.file("bad.jsonl", bad);
  const out = `${home.path}/bad-out.jsonl`;
  const result = await runCli(["judge", file, "--base-url", stub.url, "--out", out]);
  expect(result.code).toBe(2);
  const errors = result.notes.filter((note) => note.startsWith("error:"));
  const places = [
    [2, /qeury.*unknown|unknown.*qeury/is],
    [3, /responses\[1\].*empty/s],
    [4, /id.*"a".*line 1/s],
    [5, /JSON/],
    [6, /responses\[0\].*1.?048.?576/s],
    [8, /UTF-8/],
  ] as const;
  expect(errors).toHaveLength(places.length);
  for (const [index, [line, what]] of places.entries()) {
    expect(errors[index]).toContain(`${file}, line ${line}`);
    expect(errors[index]).toMatch(what);
    expect(errors[index]!.length).toBeLessThan(600);
  }
  expect(result.notes.at(-1)).toBe(`judge: 2 done, 6 faulty rows left out -> ${out}`);
  const results = (await readFile(out, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(results.map(({ id, responses }) => [id, responses[0].reward])).toEqual([
    ["a", 5],
    ["b", 5],
  ]);
});

test("a broken line 1,000 does not cost the 999 before it", async () => {
  const stub = await home.stub({ reply: byDigit });
  const lines = Array.from({ length: 999 }, (_, at) =>
    JSON.stringify({ id: `${at}`, query: "Why?", responses: ["Answer 5"] }),
  );
  const file = await home.file("thousand.jsonl", `${lines.join("\n")}\n{"id": "999", "query"\n`);
  const result = await runCli(["judge", file, "--base-url", stub.url, "--store", "none"]);
  expect(result.code).toBe(2);
  expect(result.out).toHaveLength(999);
  expect(result.notes).toHaveLength(2);
  expect(result.notes[0]).toContain(`${file}, line 1000`);
  // One query and one answer to it: two questions for a thousand items.
  expect(stub.counts.completions).toBe(2);
});

test("what is wrong with an item beyond its shape is told by its line too, and the others go on", async () => {
  const stub = await home.stub({ reply: byDigit });
  const items = [digits(5, 6), { ...digits(5), criteria: "Just be fair." }, digits(7, 8), digits(1, 2, 3, 4, 5, 6)];
  const file = await home.file("late.jsonl", items);
  const args = ["rank", file, "--base-url", stub.url, "--temperature", "0.7", "--budget", "8"];
  const result = await runCli(args);
  expect(result.code).toBe(2);
  expect(result.out).toHaveLength(2);
  expect(result.notes).toEqual([
    expect.stringContaining(`error: ${file}, line 2, criteria: no criteria can be read from it`),
    expect.stringContaining(
      `error: ${file}, line 4, budget: got 8, expected at least two evaluations for each of the 6`,
    ),
    "rank: 2 done, 2 faulty rows left out",
  ]);
  expect(result.json()[0]).toHaveProperty("adaptive.budget", 8);
});

test("criteria of one's own: for all items, of the item, from a file", async () => {
  const stub = await home.stub({ keepRequests: true });
  const file = await home.file("own.jsonl", [digits(1), { ...digits(1), criteria: ["Depth: how deep"] }]);
  const criteriaFile = await home.file("criteria.txt", "1. Tone: how polite\n2. Length: how short\n");
  const terms = async (...args: string[]) => {
    const result = await runCli(["judge", file, "--base-url", stub.url, "--store", "none", ...args]);
    return (result.json() as { criteria: { items: { term: string }[] }[] }[]).map(({ criteria }) =>
      criteria[0]!.items.map(({ term }) => term),
    );
  };
  expect(await terms("--criterion", "Tone: polite", "--criterion", "Wit")).toEqual([["Tone", "Wit"], ["Depth"]]);
  expect(await terms("--criteria-file", criteriaFile)).toEqual([["Tone", "Length"], ["Depth"]]);
  expect(stub.requests.filter(({ body }) => body?.messages.length === 1)).toEqual([]);
});

test("cerm criteria: criteria alone, used again by judge", async () => {
  const stub = await home.stub({ reply: byDigit });
  const query = "What is a monad?";
  const criteria = await runCli(["criteria", "--query", query, "--base-url", stub.url]);
  expect(criteria.code).toBe(0);
  expect(criteria.json()).toMatchObject([
    {
      id: "query",
      criteria: [{ sample: 0, items: [{ term: "Accuracy" }, { term: "Clarity" }] }],
      model: { model: "stub-judge" },
    },
  ]);
  const judged = await runCli(["judge", "--query", query, "--response", "Answer 5", "--base-url", stub.url]);
  expect(judged.json()).toMatchObject([{ criteria: [{ fromStore: true }], responses: [{ reward: 5 }] }]);
  expect(stub.counts.completions).toBe(2);
  const file = await home.file("queries.jsonl", [{ query }, { query: "Which?", responses: ["left alone"] }]);
  const table = await runCli(["criteria", file, "--base-url", stub.url], { interactive: true });
  expect(table.out[0]).toBe("1. Accuracy: How good its accuracy is.\n2. Clarity: How good its clarity is.\n");
});

test("votes and modes by options; what cannot be is refused before anything is asked", async () => {
  const stub = await home.stub({ reply: byDigit, keepRequests: true });
  const base = ["--query", "Why?", "--response", "Answer 5", "--base-url", stub.url, "--store", "none"];
  const votes = await runCli(["judge", ...base, "--temperature", "0.5", "--evaluations", "3", "--mode", "implicit"]);
  expect(votes.json()).toMatchObject([{ criteria: [], responses: [{ votes: 3, spread: 0 }] }]);
  const asked = stub.counts.completions;
  const refused: [string[], string][] = [
    [["--evaluations", "3"], "evaluations: 3 votes at temperature 0 would all be the same answer"],
    [["--mode", "implicit", "--criterion", "Tone"], "mode: mode implicit uses no criteria"],
    [["--threads", "2"], "threads: is an option of the embedded engine"],
    [["--dialect", "vllm", "--no-guided"], "dialect: asks for forms in a dialect"],
    [["--format", "csv"], "query: --format and the --...-column options"],
    [["--criterion", "a", "--criteria-file", "b"], "criteria-file: give --criterion or --criteria-file"],
  ];
  for (const [args, message] of refused) {
    const result = await runCli(["judge", ...base, ...args]);
    expect(result).toMatchObject({ code: 2, out: [] });
    expect(result.notes).toEqual([expect.stringContaining(`error: ${message}`)]);
  }
  const rankOnly: [string[], string][] = [
    [["--budget", "8"], "budget: votes at temperature 0"],
    [["--confidence", "0.9"], "confidence: --confidence is for adaptive votes"],
    [["--budget", "8", "--temperature", "1", "--confidence", "2"], "confidence: got 2"],
    [["--budget", "8", "--temperature", "1", "--evaluations", "2"], "evaluations: --budget decides"],
  ];
  for (const [args, message] of rankOnly)
    expect((await runCli(["rank", ...base, ...args])).notes).toEqual([expect.stringContaining(`error: ${message}`)]);
  expect(stub.counts.completions).toBe(asked);
});

test("input that cannot be meant is refused: both or neither of file and query, a file that is not there", async () => {
  const refusals: [string[], string][] = [
    [["file.jsonl", "--query", "x"], "query: give a file or --query, not both"],
    [["--query", "x"], "response: --query needs at least one --response"],
    [["--response", "x"], "query: --response needs --query"],
    [["/no/such/file.jsonl"], "/no/such/file.jsonl: no such file"],
    [["--query", " ", "--response", "x"], "command line, line 1, query"],
  ];
  const stub = await home.stub();
  for (const [args, message] of refusals) {
    const result = await runCli(["judge", ...args, "--base-url", stub.url]);
    expect(result.code).toBe(2);
    expect(result.notes[0]).toContain(`error: ${message}`);
  }
  expect(stub.counts.completions).toBe(0);
});

test("a server that is not there, or a key it does not take: exit code 1 or unscored, and never the key", async () => {
  vi.stubEnv("CERM_API_KEY", "sk-very-secret-123");
  const args = ["judge", "--query", "Why?", "--response", "Answer 5", "--store", "none"];
  const stub = await home.stub({ apiKey: "sk-other", echoKey: true });
  const wrongKey = await runCli([...args, "--base-url", stub.url, "--model", "m"]);
  expect(wrongKey.code).toBe(1);
  const all = [...wrongKey.out, ...wrongKey.notes].join("\n");
  expect(all).toMatch(/401/);
  expect(all).not.toContain("very-secret");
  const closed = await home.stub();
  await closed.close();
  const nobody = await runCli([...args, "--base-url", closed.url]);
  expect(nobody.code).toBe(1);
  expect(nobody.notes.join("\n")).toMatch(/^error: http:\/\/127\.0\.0\.1:\d+/);
  expect(nobody.notes.join("\n")).not.toMatch(/\n\s+at /);
  vi.stubEnv("CERM_API_KEY", "");
});

test("the configuration file sets what options leave open; options win; keys in it are refused", async () => {
  const stub = await home.stub({ reply: byDigit, keepRequests: true });
  const base = ["judge", "--query", "Why?", "--response", "Answer 5", "--store", "none"];
  const config = await home.file("mine.json", JSON.stringify({ baseUrl: stub.url, pack: "compact", mode: "implicit" }));
  const byConfig = await runCli([...base, "--config", config]);
  expect(byConfig.json()).toMatchObject([{ mode: "implicit", pack: expect.stringMatching(/^compact@/) }]);
  const byOption = await runCli([...base, "--config", config, "--mode", "unified", "--pack", "default"]);
  expect(byOption.json()).toMatchObject([{ mode: "unified", pack: expect.stringMatching(/^default@/) }]);
  const secret = await home.file("secret.json", JSON.stringify({ baseUrl: stub.url, apiKey: "sk-very-secret-123" }));
  const refused = await runCli([...base, "--config", secret]);
  expect(refused.code).toBe(2);
  expect(refused.notes.join()).toContain(`${secret}, apiKey: keys do not belong in a file`);
  expect(refused.notes.join()).not.toContain("very-secret");
});

test("record and replay: the same results without the server", async () => {
  const stub = await home.stub({ reply: byDigit });
  const tape = `${home.path}/tape.jsonl`;
  const args = ["judge", "--query", "Why?", "--response", "Answer 6", "--store", "none"];
  const recorded = await runCli([...args, "--base-url", stub.url, "--record", tape]);
  await stub.close();
  const replayed = await runCli([...args, "--replay", tape]);
  expect(replayed.code).toBe(0);
  const rewards = (lines: unknown[]) => (lines as { responses: { reward: number }[] }[])[0]!.responses[0]!.reward;
  expect(rewards(replayed.json())).toBe(rewards(recorded.json()));
  const unknown = await runCli(["judge", "--query", "Else?", "--response", "x", "--store", "none", "--replay", tape]);
  expect(unknown.code).toBe(3);
  expect(unknown.out[0]).toContain("holds no answer for the request");
});
