import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { seededRandom } from "../../core/random.ts";
import { readPreferences } from "../../data/read-preferences.ts";
import { collect, temporaryFolder } from "../../data/test-helpers.ts";
import { curatePairs, pairOf, runRecipe, writeRecipe } from "../test-helpers.ts";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { Shingler } from "../text/shingles.ts";

const random = seededRandom(11);
const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
const vocabulary = Array.from({ length: 400 }, (_, at) => `word${at}`);
const words = (count: number) => Array.from({ length: count }, () => pick(vocabulary));

/** Pairs with duplicates, near duplicates, empty and long ones, in some domains. */
function messyPairs(count: number): PreferencePair[] {
  const made: PreferencePair[] = [];
  for (let at = 0; at < count; at++) {
    const like = at > 5 && random() < 0.3 ? pick(made) : undefined;
    const prompt = like === undefined ? words(12).join(" ") : like.messages[0]!.content;
    made.push(
      pairOf(String(at), {
        prompt: random() < 0.2 ? `${prompt} ${pick(vocabulary)}` : prompt,
        chosen: random() < 0.1 ? "" : (like?.chosen ?? words(5 + 40 * random()).join(" ")),
        rejected: random() < 0.5 && like !== undefined ? like.rejected : words(5 + 30 * random()).join(" "),
        domain: pick(["chat", "chat", "chat", "code", "math"]),
        strength: random() < 0.5 ? undefined : random(),
      }),
    );
  }
  return made;
}

const stageList = [
  "shape",
  { lengths: { maxResponse: 60 } },
  "boilerplate",
  "similar-sides",
  { strength: { min: 0.1 } },
  "exact-duplicates",
  { "near-duplicates": { of: "pair", threshold: 0.7 } },
  { "near-duplicates": { of: "prompt", threshold: 0.7, keep: 2 } },
  { "domain-balance": { maxShare: 0.6 } },
  { "length-balance": { strata: 2 } },
  { diversity: { pairs: 90 } },
  { budget: { pairs: 80 } },
];
const splits = { heldOut: 0.1, test: 0.15, similarity: 0.6 };

describe("a curation", () => {
  test("writes few rows of many in their order", async () => {
    const pairs = Array.from({ length: 6_000 }, (_, at) => pairOf(String(at)));
    const recipe = { splits: { heldOut: 0, test: 0 } };
    const { splits } = await curatePairs(pairs, [{ budget: { pairs: 200 } }], { recipe });
    const ids = splits.train!.map(({ id }) => Number(id));
    expect(ids).toHaveLength(200);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test("invents and changes no text, and its counts add up", async () => {
    const pairs = messyPairs(260);
    const curated = await curatePairs(pairs, stageList, { recipe: { splits, seed: 4 } });
    const byId = new Map(pairs.map((pair) => [pair.id, pair]));
    const kept = Object.values(curated.splits).flat();
    expect(kept.length).toBeGreaterThan(50);
    for (const pair of kept) expect(pair).toEqual(JSON.parse(JSON.stringify(byId.get(pair.id))));
    const gone = new Set([...kept, ...curated.dropped].map(({ id }) => id));
    expect(gone.size).toBe(pairs.length);
    expect(kept.length + curated.dropped.length).toBe(pairs.length);
    let left = pairs.length;
    for (const { name, stage, before, after } of curated.stages.slice(1)) {
      expect(before, name).toBe(left);
      left = after;
      expect(stage).toBeGreaterThan(0);
    }
    expect(left).toBe(kept.length);
    expect(curated.dropped.filter(({ name }) => name === "shape").length).toBeGreaterThan(5);
  });

  test("any pairs come through as they are, in their order", async () => {
    const pair = fc.record({
      prompt: fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() !== ""),
      chosen: fc.string({ unit: "grapheme" }),
      rejected: fc.string({ unit: "grapheme" }),
      domain: fc.option(fc.constantFrom("a", 'b"c', "d\ne"), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { minLength: 1, maxLength: 20 }), async (drawn) => {
        const pairs = drawn.map((parts, at) => pairOf(String(at), parts));
        const { splits: written, dropped } = await curatePairs(pairs, ["shape"]);
        const out = new Set(dropped.map(({ id }) => id));
        const expected = pairs.filter(({ id }) => !out.has(id));
        expect(written.train ?? []).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
      { numRuns: 12 },
    );
  });

  test("whatever the stages and their order, rows come out as they went in, and counts add up", async () => {
    const pairs = messyPairs(120);
    const byId = new Map(pairs.map((pair) => [pair.id, JSON.parse(JSON.stringify(pair)) as PreferencePair]));
    const position = new Map(pairs.map(({ id }, at) => [id, at]));
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...stageList, "language", { decontamination: { words: 8 } }], { minLength: 1 }),
        fc.nat({ max: 1000 }),
        async (chosen, seed) => {
          const curated = await curatePairs(pairs, chosen, { recipe: { splits, seed } });
          for (const own of Object.values(curated.splits)) {
            for (const pair of own) expect(pair).toEqual(byId.get(pair.id));
            const places = own.map(({ id }) => position.get(id)!);
            expect(places).toEqual(places.toSorted((a, b) => a - b));
          }
          const fates = [...curated.kept, ...curated.dropped.map(({ id }) => id)];
          expect(fates.length).toBe(pairs.length);
          expect(new Set(fates).size).toBe(pairs.length);
          for (const { stage, before, after } of curated.stages.slice(1)) {
            expect(before, `stage ${stage}`).toBe(curated.stages[stage - 1]!.after);
            const own = chosen[stage - 1];
            const name = typeof own === "string" ? own : Object.keys(own ?? { split: 0 })[0];
            expect(curated.stages[stage]!.name).toBe(name);
            expect(before - after).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  test("prompts that are nearly the same are in one split", async () => {
    const pairs = messyPairs(300);
    const curated = await curatePairs(pairs, ["exact-duplicates"], { recipe: { splits: { ...splits, test: 0.3 } } });
    const placed = Object.entries(curated.splits).flatMap(([split, own]) => own.map((pair) => ({ split, pair })));
    const shares = Object.values(curated.splits).map((own) => own.length / placed.length);
    expect(shares.length).toBe(3);
    expect(curated.splits.test!.length / placed.length).toBeGreaterThan(0.2);
    const shingler = new Shingler(3);
    const lists = placed.map(({ pair }) => shingler.shingle([pair.messages[0]!.content], new HashList()));
    let close = 0;
    for (const [at, a] of placed.entries())
      for (const [to, b] of placed.entries()) {
        if (to <= at || jaccard(lists[at]!, lists[to]!) < 0.6) continue;
        close++;
        expect(a.split, `${a.pair.messages[0]!.content} / ${b.pair.messages[0]!.content}`).toBe(b.split);
      }
    expect(close).toBeGreaterThan(30);
  });

  test("rows of one conversation are in one split", async () => {
    const pairs = Array.from({ length: 60 }, (_, at) =>
      pairOf(String(at), {
        messages: [
          { role: "user", content: `The opening question of talk ${Math.floor(at / 6)}` },
          { role: "assistant", content: words(30).join(" ") },
          { role: "user", content: words(20).join(" ") },
        ],
      }),
    );
    const { splits: written } = await curatePairs(pairs, ["shape"], { recipe: { splits } });
    for (const own of Object.values(written)) expect(own.length % 6).toBe(0);
    expect(Object.keys(written).length).toBeGreaterThan(1);
  });
});

describe("ended in the middle", () => {
  test("at any stage, the same command goes on and ends with the same hash", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, messyPairs(200), { stages: stageList, splits });
    const whole = await runRecipe(file, join(folder, "whole"));
    for (let fatal = 0; fatal <= stageList.length + 1; fatal++) {
      const directory = join(folder, `run-${fatal}`);
      const onEvent = (event: { kind: string; stage?: number; record?: { stage: number } }) => {
        if (event.kind === "begin" && event.stage === fatal) throw new Error("the power went out");
      };
      await expect(runRecipe(file, directory, { onEvent })).rejects.toThrow("the power went out");
      const began: number[] = [];
      const again = await runRecipe(file, directory, {
        onEvent: (event) => void (event.kind === "begin" && began.push(event.stage)),
      });
      expect(began[0]).toBe(fatal);
      expect(again.hash).toBe(whole.hash);
      expect(await readFile(join(directory, "report.json"), "utf8")).toBe(
        await readFile(join(folder, "whole/report.json"), "utf8"),
      );
    }
  });

  test("inside a stage, nothing of it is left", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, messyPairs(200), { stages: stageList });
    const onEvent = (event: { kind: string; stage?: number }) => {
      if (event.kind === "progress" && event.stage === 7) throw new Error("the power went out");
    };
    await expect(runRecipe(file, join(folder, "run"), { onEvent })).rejects.toThrow("the power went out");
    const again = await runRecipe(file, join(folder, "run"));
    expect(again.hash).toBe((await runRecipe(file, join(folder, "whole"))).hash);
  });

  test("run again after its end, it writes the same files", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, messyPairs(100), { stages: stageList, splits });
    await runRecipe(file, join(folder, "run"));
    const names = ["train.jsonl", "train.parquet", "card.md", "report.json", "report.html"];
    const read = () => Promise.all(names.map((name) => readFile(join(folder, "run", name), "base64")));
    const before = await read();
    await runRecipe(file, join(folder, "run"));
    expect(await read()).toEqual(before);
  });

  test("another tokenizer makes it another run", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "model"));
    // Every letter is a token, but for those that are merged.
    const letters = Object.fromEntries([..."?abcdefghijklmnopqrstuvwxyz", "on"].map((letter, id) => [letter, id]));
    const tokenizer = (merges: string[][]) =>
      writeFile(
        join(folder, "model/tokenizer.json"),
        JSON.stringify({
          model: { type: "BPE", vocab: letters, merges, unk_token: "?" },
          ...{ pre_tokenizer: { type: "Whitespace" }, normalizer: null, post_processor: null, decoder: null },
          added_tokens: [],
        }),
      );
    await tokenizer([]);
    const pairs = [pairOf("a", { chosen: "one", rejected: "no" }), pairOf("b", { chosen: "one two", rejected: "no" })];
    const settings = { stages: [{ lengths: { maxResponse: 5 } }], tokens: { tokenizer: "model" } };
    const file = await writeRecipe(folder, pairs, settings);
    const curated = await runRecipe(file, join(folder, "run"));
    expect(curated.dropped).toMatchObject([{ id: "b", reason: "response too long", detail: "6, limit 5" }]);
    expect(await readFile(join(folder, "run/card.md"), "utf8")).toMatch(
      /Tokens: by the model's tokenizer \(tokenizer.json, SHA-256 [0-9a-f]{12}\.\.\.\)/,
    );
    await tokenizer([["o", "n"]]);
    await expect(runRecipe(file, join(folder, "run"))).rejects.toThrow(/before the files that stages use changed/);
  });

  test("a folder of another recipe or other data is refused", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, messyPairs(20), { stages: ["shape"] });
    await runRecipe(file, join(folder, "run"));
    await writeRecipe(folder, messyPairs(20), { stages: ["shape"] });
    await expect(runRecipe(file, join(folder, "run"))).rejects.toThrow(/run of before the inputs' files changed/);
    const other = await temporaryFolder();
    await writeFile(join(other, "run.json"), '{"kind":"bench"}');
    await expect(runRecipe(file, other)).rejects.toThrow(/run.json: is not the description of a curation/);
  });
});

describe("inputs that are broken", () => {
  async function brokenFolder() {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, [], {
      stages: ["shape"],
      maxRowBytes: 100_000,
      inputs: [{ path: ["pairs.jsonl", "cut.jsonl.gz", "cut.parquet"], preset: "normal", name: "test" }],
    });
    const line = (id: string) => `${JSON.stringify(pairOf(id))}\n`;
    await writeFile(join(folder, "pairs.jsonl"), `${line("a")}{"id": "half\n${line("b")}`);
    await appendFile(join(folder, "pairs.jsonl"), Buffer.from([0x7b, 0xff, 0xfe, 0x7d, 0x0a]));
    await appendFile(join(folder, "pairs.jsonl"), `${JSON.stringify({ question: "another shape" })}\n`);
    await appendFile(
      join(folder, "pairs.jsonl"),
      `${JSON.stringify(pairOf("huge", { chosen: "x".repeat(200_000) }))}\n`,
    );
    await appendFile(join(folder, "pairs.jsonl"), line("c"));
    const packed = gzipSync(Array.from({ length: 500 }, (_, at) => line(`g${at}${words(5).join("")}`)).join(""));
    await writeFile(join(folder, "cut.jsonl.gz"), packed.subarray(0, packed.length - 2000));
    await writeFile(join(folder, "cut.parquet"), "PAR1 and no more");
    return { folder, file };
  }

  test("are left out, counted and named with file and row", async () => {
    const { folder, file } = await brokenFolder();
    const curated = await runRecipe(file, join(folder, "run"));
    const ids = curated.splits.train!.map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(["a", "b", "c"]);
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.length).toBeLessThan(503);
    const report = JSON.parse(await readFile(join(folder, "run/report.json"), "utf8"));
    const [input] = report.inputs;
    expect(input.broken).toBe(6);
    const faults = input.faults.join("\n");
    expect(faults).toMatch(/pairs.jsonl, line 2.*not.*JSON/i);
    expect(faults).toMatch(/pairs.jsonl, line 4.*UTF-8/);
    expect(faults).toMatch(/pairs.jsonl, line 5/);
    expect(faults).toMatch(/pairs.jsonl, line 6.*has 200,\d+ bytes, the limit is 100,000/);
    expect(faults).toMatch(/cut.jsonl.gz.*gzip data ends early/);
    expect(faults).toMatch(/cut.parquet/);
    const [parse] = curated.stages;
    expect(parse!.before - parse!.after).toBe(6);
  });

  test("end the run where the recipe says so", async () => {
    const { folder, file } = await brokenFolder();
    const recipe = JSON.parse(await readFile(file, "utf8"));
    await writeFile(file, JSON.stringify({ ...recipe, onBroken: "refuse" }));
    await expect(runRecipe(file, join(folder, "run"))).rejects.toThrow(/pairs.jsonl, line 2/);
  });

  test("inputs without any pair end the run, with what is wrong with the first row", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, [], { stages: ["shape"] });
    await writeFile(join(folder, "pairs.jsonl"), '{"question":"of another shape"}\n');
    await expect(runRecipe(file, join(folder, "run"))).rejects.toThrow(
      /recipe.yaml: there is no pair in the inputs; the first of their faults: .*pairs.jsonl, line 1/,
    );
    await expect(readFile(join(folder, "run/train.jsonl"))).rejects.toThrow("ENOENT");
    const votes = { scenario: "s", label: 2, prompt: "p", "response 1": "a", "response 2": "b" };
    await writeFile(join(folder, "ties.jsonl"), JSON.stringify(votes));
    const ties = await writeRecipe(folder, [], { stages: ["shape"], inputs: [{ path: "ties.jsonl" }] });
    await expect(runRecipe(ties, join(folder, "ties"))).rejects.toThrow(/there is no pair.*their rows hold none/);
  });

  test("files that are not there end it at once", async () => {
    const folder = await temporaryFolder();
    const file = await writeRecipe(folder, [], { stages: ["shape"], inputs: [{ path: "nowhere.jsonl" }] });
    await expect(runRecipe(file, join(folder, "run"))).rejects.toThrow(/nowhere.jsonl: there is no such file/);
  });
});

test("the Parquet files hold what the JSON Lines files hold", async () => {
  const folder = await temporaryFolder();
  const file = await writeRecipe(folder, messyPairs(60), { stages: ["shape"], splits });
  const { directory, splits: written } = await runRecipe(file, join(folder, "run"));
  for (const [split, pairs] of Object.entries(written)) {
    const results = await collect(readPreferences(join(directory, `${split}.parquet`)));
    expect(results.map((result) => (result.ok ? result.pair : result.error))).toEqual(pairs);
  }
});

test("ids of several inputs are told apart by the input's name", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "more.jsonl"), `${JSON.stringify(pairOf("a", { source: "other" }))}\n`);
  const file = await writeRecipe(folder, [pairOf("a")], {
    stages: ["shape"],
    inputs: [{ path: "pairs.jsonl" }, { path: "more.jsonl" }],
  });
  const { splits: written } = await runRecipe(file, join(folder, "run"));
  expect(written.train!.map(({ id, source }) => [id, source])).toEqual([
    ["pairs/a", "test"],
    ["more/a", "other"],
  ]);
});
