import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent } from "undici";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitOf, type HubServer, startHubServer } from "../../../test/hub-server/hub-server.ts";
import { temporaryFolder } from "../../data/test-helpers.ts";
import type { DataSet } from "../data-set.ts";
import { benchmarksDirectory, type FetchDataOptions, fetchBenchmarkData } from "./fetch-benchmark-data.ts";

const parquet = Buffer.alloc(200_000, "parquet");
const lines = Buffer.from('{"a":1}\n');
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const gitSha1 = (bytes: Buffer) => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

let hub: HubServer;
let dispatcher: Agent;
let directory = "";
beforeEach(async () => {
  directory = await temporaryFolder();
  dispatcher = new Agent();
  hub = await startHubServer({ "o/set": { files: { "data/x.parquet": parquet, "y.jsonl": lines } } });
});
afterEach(async () => {
  await dispatcher.destroy();
  await hub.close();
});

const set = (more: Partial<DataSet> = {}): DataSet => ({
  ...{ host: "hub", repo: "o/set", revision: "main", files: [{ path: "data/x.parquet" }, { path: "y.jsonl" }] },
  ...more,
});
function fetchSets(sets: DataSet[] | undefined, options: Partial<FetchDataOptions> = {}) {
  const source = { url: "https://example.com/page", license: "MIT", sets };
  const onProgress: FetchDataOptions["onProgress"] = (progress) => hub.received(progress.doneBytes);
  const common = { directory, env: {}, hubUrl: hub.url, dispatcher, retryDelayMs: 5, onProgress };
  return fetchBenchmarkData({ name: "b", source }, { ...common, ...options });
}
const storage = () => hub.seen.filter(({ host }) => host === "storage");

describe("official files from the hub", () => {
  it("come once, large ones by SHA-256 and small ones by git blob id, and are pinned to the commit", async () => {
    const said: string[] = [];
    const folder = await fetchSets([set()], { say: (line) => said.push(line) });
    expect((await readFile(join(folder, "data/x.parquet"))).equals(parquet)).toBe(true);
    expect((await readFile(join(folder, "y.jsonl"))).equals(lines)).toBe(true);
    const commit = commitOf(hub.repos["o/set"]!);
    expect(said).toEqual([`Downloading o/set at ${commit.slice(0, 8)}, data/x.parquet, y.jsonl, from ${hub.url}.`]);
    expect(hub.seen.map(({ path }) => path)).toContain(`/datasets/o/set/resolve/${commit}/data/x.parquet`);
    const requests = hub.seen.length;
    expect(await fetchSets([set()])).toBe(folder);
    expect(hub.seen).toHaveLength(requests);
  });

  it("are downloaded again where they were changed here, at the commit of the first time", async () => {
    const folder = await fetchSets([set()]);
    await writeFile(join(folder, "y.jsonl"), '{"a":2}\n');
    await fetchSets([set()]);
    expect((await readFile(join(folder, "y.jsonl"))).equals(lines)).toBe(true);
    expect(storage()).toHaveLength(3);
    // The branch has moved on, and the hub has the old commit no more: the pin is not followed to other data.
    hub.repos["o/set"]!.files["y.jsonl"] = Buffer.from("{}\n");
    await writeFile(join(folder, "y.jsonl"), "");
    await expect(fetchSets([set()])).rejects.toThrow("no such revision");
  });

  it("go on where a large file was cut", async () => {
    hub.faults.push({ kind: "cut", after: 90_000 });
    const folder = await fetchSets([set()]);
    expect((await readFile(join(folder, "data/x.parquet"))).equals(parquet)).toBe(true);
    expect(storage()[1]!.headers.range).toBe("bytes=90000-");
  });

  it("of several repositories have a folder each", async () => {
    hub.repos["o/two"] = { files: { "y.jsonl": lines } };
    const folder = await fetchSets([set(), set({ repo: "o/two", files: [{ path: "y.jsonl" }] })]);
    expect((await readFile(join(folder, "set", "y.jsonl"))).equals(lines)).toBe(true);
    expect((await readFile(join(folder, "two", "y.jsonl"))).equals(lines)).toBe(true);
  });

  it("are downloaded once by two at a time", async () => {
    const [first, second] = await Promise.all([fetchSets([set()]), fetchSets([set()])]);
    expect(second).toBe(first);
    expect(storage()).toHaveLength(2);
  });

  it.each<[string, DataSet, () => void, string]>([
    [
      "another file than the one that is known",
      set({ files: [{ path: "data/x.parquet", sha256: "0".repeat(64) }] }),
      () => {},
      "expected 0000",
    ],
    [
      "a small file that was changed on the way",
      set({ files: [{ path: "y.jsonl" }] }),
      () => void hub.faults.push({ kind: "corrupt" }),
      "y.jsonl: what came from",
    ],
    [
      "a small file of another length",
      set({ files: [{ path: "y.jsonl" }] }),
      () => void hub.faults.push({ kind: "longer" }),
      `108 bytes came, expected ${lines.length}`,
    ],
    ["a file that is not there", set({ files: [{ path: "z.jsonl" }] }), () => {}, "has no file z.jsonl"],
    [
      "a data set that is not there",
      set({ repo: "o/none" }),
      () => {},
      "data set o/none: the hub has no such thing, or it is private",
    ],
  ])("are refused: %s", async (_what, wanted, change, message) => {
    change();
    const failed = fetchSets([wanted]);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow("name it with --data");
  });

  it("are not asked for where HF_HUB_OFFLINE forbids it", async () => {
    await expect(fetchSets([set()], { env: { HF_HUB_OFFLINE: "1" } })).rejects.toMatchObject({ code: "hub-offline" });
    expect(hub.seen).toEqual([]);
  });
});

describe("official files from GitHub", () => {
  const commit = "c".repeat(40);
  const github = (files: DataSet["files"]) => set({ host: "github", revision: commit, files });
  // The hub's server answers for GitHub's: a path below the commit, and no list of files.
  const rawServer = async () => {
    const { createServer } = await import("node:http");
    const seen: { path: string; token: string | undefined }[] = [];
    const server = createServer((request, response) => {
      seen.push({ path: request.url ?? "", token: request.headers.authorization });
      response.end(lines);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    return { seen, url: `http://127.0.0.1:${port}`, close: () => server.close() };
  };

  it("are checked against the known checksum, and get no token", async () => {
    const raw = await rawServer();
    const options = { githubUrl: raw.url, env: { HF_TOKEN: "secret" } };
    const folder = await fetchSets(
      [
        github([
          { path: "a=b,c.jsonl", sha256: sha256(lines) },
          { path: "d.json", gitSha1: gitSha1(lines) },
        ]),
      ],
      options,
    );
    expect((await readFile(join(folder, "a=b,c.jsonl"))).equals(lines)).toBe(true);
    expect(raw.seen).toEqual([
      { path: `/o/set/${commit}/a%3Db%2Cc.jsonl`, token: undefined },
      { path: `/o/set/${commit}/d.json`, token: undefined },
    ]);
    await expect(fetchSets([github([{ path: "y", gitSha1: "0".repeat(40) }])], options)).rejects.toMatchObject({
      code: "hash-mismatch",
    });
    raw.close();
  });
});

it("a benchmark without downloads says where its data is", async () => {
  await expect(fetchSets(undefined)).rejects.toThrow(
    "data: the data of b cannot be downloaded; get it from https://example.com/page",
  );
});

it("data is kept below the data directory", () => {
  expect(benchmarksDirectory({ CERM_HOME: "/h" }, "linux")).toBe("/h/benchmarks");
});
