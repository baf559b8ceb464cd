import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Benchmark } from "../benchmark.ts";
import { chooseItems } from "./choose-items.ts";
import { findData } from "./find-data.ts";
import { runFolder, toyBenchmark, toyRows } from "./run-test-helpers.ts";
import { shareLimit } from "./share-limit.ts";

let folder: Awaited<ReturnType<typeof runFolder>>;
beforeEach(async () => {
  folder = await runFolder();
});
afterEach(() => folder.remove());

describe("shareLimit", () => {
  it("shares evenly and fills up with what small groups leave", () => {
    expect(shareLimit([100, 100, 100], 60)).toEqual([20, 20, 20]);
    expect(shareLimit([100, 5, 100], 60)).toEqual([28, 5, 27]);
    expect(shareLimit([3, 4], 60)).toEqual([3, 4]);
  });

  it("gives out the whole limit, nobody more than they have, and the rest within one", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 6 }), fc.nat(200), (sizes, limit) => {
        const shares = shareLimit(sizes, limit);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.min(limit, total));
        const open = shares.filter((share, index) => share < sizes[index]!);
        expect(shares.every((share, index) => share <= sizes[index]!)).toBe(true);
        expect(Math.max(0, ...shares) - Math.min(...open, Math.max(0, ...shares))).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("chooseItems", () => {
  it("takes the limit over all benchmarks together, stratified, by the seed", async () => {
    const found = [await folder.data("one", toyRows(40)), await folder.data("two", toyRows(4))];
    const choose = async (seed: number) => (await chooseItems(found, { limit: 14, seed })).map(({ keys }) => [...keys]);
    const [one, two] = await choose(1);
    expect([one!.length, two!.length]).toEqual([10, 4]);
    expect(one!.filter((key) => Number(key.split("#")[1]) % 2 === 0)).toHaveLength(5);
    expect(await choose(1)).toEqual([one, two]);
    expect(await choose(2)).not.toEqual([one, two]);
  });

  it("takes clusters as a whole, and refuses a limit that leaves a benchmark without items", async () => {
    const rows = toyRows(8).map((row, index) => ({ ...row, subset: "all", cluster: `c${index >> 1}` }));
    const found = [await folder.data("one", rows)];
    const [chosen] = await chooseItems(found, { limit: 5, seed: 0 });
    const places = [...chosen!.keys].map((key) => Number(key.split("#")[1]) >> 1);
    expect(places.length).toBe(4);
    expect(new Set(places).size).toBe(2);
    await expect(chooseItems(found, { limit: 1, seed: 0 })).rejects.toThrow("leaves no item of one");
    await expect(chooseItems([...found, await folder.data("two", rows)], { limit: 1, seed: 0 })).rejects.toThrow(
      "limit: got 1, expected at least 2, one item for each benchmark",
    );
  });

  it("refuses empty data, and a row that is not the benchmark's before anything is judged", async () => {
    await expect(chooseItems([await folder.data("one", [])], { seed: 0 })).rejects.toThrow(
      "there is no item of one in it",
    );
    const file = join(folder.path, "bad.jsonl");
    await writeFile(file, '{"query": "Q?", "responses": ["a", "b"]}\nnot json\n');
    await expect(chooseItems([{ benchmark: toyBenchmark("bad"), path: file }], { seed: 0 })).rejects.toThrow(
      /bad.jsonl, line 2/,
    );
  });

  it("identifies the files below a folder", async () => {
    await mkdir(join(folder.path, "data", "sub"), { recursive: true });
    for (const name of ["b.jsonl", "sub/a.jsonl"])
      await writeFile(join(folder.path, "data", name), `${JSON.stringify(toyRows(1)[0])}\n`);
    const [chosen] = await chooseItems([{ benchmark: toyBenchmark("one"), path: join(folder.path, "data") }], {
      seed: 0,
    });
    expect(chosen!.files.map(({ file }) => file)).toEqual(["b.jsonl", "sub/a.jsonl"]);
    expect(chosen!.files[0]!.sha256).toBe(chosen!.files[1]!.sha256);
  });
});

describe("findData", () => {
  const benchmark = (name: string, title: string, repo?: string): Benchmark => ({
    ...toyBenchmark(name),
    title,
    source: {
      url: "",
      license: "",
      sets: repo === undefined ? [] : [{ host: "hub", repo, revision: "main", files: [] }],
    },
  });
  const [first, second] = [benchmark("rm-toy", "RM Toy"), benchmark("pairs-toy", "Pairs", "owner/Toy_Pairs")];
  const make = async (...names: string[]) => {
    for (const name of names) {
      const path = join(folder.path, "data", name);
      await mkdir(name.includes(".") ? join(path, "..") : path, { recursive: true });
      if (name.includes(".")) await writeFile(path, "");
    }
    return join(folder.path, "data");
  };
  const paths = async (...args: Parameters<typeof findData>) => (await findData(...args)).map(({ path }) => path);

  it("finds each benchmark below a folder by its name, title or repository, as folder or file", async () => {
    const data = await make("RM_toy", "toy-pairs.jsonl.gz", "README.md", "other");
    expect(await paths([first!, second!], [data])).toEqual([join(data, "RM_toy"), join(data, "toy-pairs.jsonl.gz")]);
  });

  it("takes NAME=PATH, a folder of the benchmark's name, and any one path for a single benchmark", async () => {
    const data = await make("rm-toy/x.jsonl", "elsewhere/dataset=x.jsonl");
    const file = join(data, "elsewhere", "dataset=x.jsonl");
    expect(await paths([first!, second!], [`pairs-toy=${file}`, join(data, "rm-toy")])).toEqual([
      join(data, "rm-toy"),
      file,
    ]);
    expect(await paths([first!], [file])).toEqual([file]);
    expect(await paths([first!], [join(data, "elsewhere")])).toEqual([join(data, "elsewhere")]);
  });

  it("says what was not found, what was looked for and what is there", async () => {
    const data = await make("rm-toy", "something");
    await expect(findData([first!, second!], [data])).rejects.toThrow(
      `no data was found for pairs-toy: looked for a folder or file called pairs-toy (also Pairs, Toy_Pairs); ${data} holds rm-toy, something; give --data pairs-toy=PATH`,
    );
    expect(await paths([first!, second!], [data], { otherwise: async ({ name }) => `got ${name}` })).toEqual([
      join(data, "rm-toy"),
      "got pairs-toy",
    ]);
  });

  it("refuses paths that are not there, two that fit, and names that were not asked for", async () => {
    const data = await make("rm-toy", "RM.TOY.json");
    await expect(findData([first!], [join(data, "nowhere")])).rejects.toThrow("there is no such file or folder");
    await expect(findData([first!], [data])).rejects.toThrow(/holds .* and .*, which could both be rm-toy/);
    await expect(findData([first!], [`llmbar=${data}`])).rejects.toThrow("llmbar is not among the benchmarks to run");
    await expect(findData([first!], [`rm-toy=${data}`, `rm-toy=${data}`])).rejects.toThrow("two paths for rm-toy");
    await expect(findData([first!, first!], [data])).rejects.toThrow("rm-toy is named twice");
  });
});
