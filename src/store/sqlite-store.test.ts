import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { access, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import { build } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { defaultStoreUrl, openStore } from "./open-store.ts";

const keyOf = (name: string) => createHash("sha256").update(name).digest("hex");

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cerm-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

test.each(["plain.db", "new/folder/x.db", "odd name?#%20&é.db"])("a file named %s", async (name) => {
  const path = join(await temporaryFolder(), name);
  const store = await openStore(path);
  await store.put("criteria", keyOf("a"), 1);
  await store.close();
  await access(path);
  for (const url of [`file:${path}`, pathToFileURL(path).href]) {
    const again = await openStore(url);
    expect(await again.get("criteria", keyOf("a"))).toBe(1);
    await again.close();
  }
});

test("rows carry the time of the clock", async () => {
  const path = join(await temporaryFolder(), "x.db");
  const store = await openStore(path, { clock: () => 1_700_000_000_123 });
  await store.put("criteria", keyOf("a"), 1);
  await store.close();
  const database = new Database(path);
  expect(database.prepare("select * from criteria").all()).toEqual([
    { key: keyOf("a"), value: "1", created_at: 1_700_000_000_123 },
  ]);
  database.close();
});

test("close writes what is on its way; afterwards the store refuses", async () => {
  const path = join(await temporaryFolder(), "x.db");
  const store = await openStore(path, { waitMilliseconds: 60_000 });
  const put = store.put("criteria", keyOf("a"), 1);
  await store.close();
  await store.close();
  await put;
  await expect(store.put("criteria", keyOf("b"), 1)).rejects.toThrow("is closed");
  await expect(store.get("criteria", keyOf("a"))).rejects.toThrow("is closed");
  const again = await openStore(path);
  expect(await again.get("criteria", keyOf("a"))).toBe(1);
  await again.close();
});

test("two connections to one new file see each other's puts", async () => {
  const path = join(await temporaryFolder(), "x.db");
  const [a, b] = await Promise.all([openStore(path), openStore(path)]);
  const puts = Array.from({ length: 200 }, (_, index) =>
    (index % 2 ? a : b).put("evaluations", keyOf(`${index >> 1}`), index % 2),
  );
  await Promise.all(puts);
  for (let index = 0; index < 100; index++) {
    const value = await a.get("evaluations", keyOf(`${index}`));
    expect([0, 1]).toContain(value);
    expect(await b.get("evaluations", keyOf(`${index}`))).toBe(value);
  }
  await Promise.all([a.close(), b.close()]);
});

test("a store of a newer program is refused and left alone", async () => {
  const path = join(await temporaryFolder(), "x.db");
  await (await openStore(path)).close();
  const database = new Database(path);
  database.exec("insert into cerm_schema (version, applied_at) values (99, 0)");
  database.close();
  await expect(openStore(path)).rejects.toMatchObject({
    code: "store-version",
    message: `the store ${path} has schema version 99; this program knows up to 1: update it, or use another store`,
  });
});

test("what is not a database, or cannot be one, is a store error that names the file", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "x.db");
  await writeFile(path, "this is a text file, long enough to be looked at as a database header".repeat(20));
  await expect(openStore(path)).rejects.toMatchObject({
    code: "store-failed",
    message: expect.stringMatching(/^the store .*x\.db cannot be opened: .*not a database/),
  });
  await expect(openStore(join(path, "y.db"))).rejects.toMatchObject({ code: "store-failed" });
  await expect(openStore("mysql://localhost/x")).rejects.toThrow(
    'store: expected file:PATH, a path, :memory:, postgres://... or none, got "mysql://..."',
  );
  await expect(openStore("file:")).rejects.toThrow("got an empty path");
});

test("the default store stands in the data directory", () => {
  expect(defaultStoreUrl({ HOME: "/home/ada" }, "linux")).toBe("file:/home/ada/.local/share/cerm/store.db");
  expect(defaultStoreUrl({ CERM_HOME: "C:\\x" }, "win32")).toBe("file:C:\\x\\store.db");
});

test("several processes write one new file; one killed on the way loses nothing it was told was stored", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "x.db");
  // Node 20 does not run TypeScript: the processes get the store as one JavaScript file beside the repository's
  // packages.
  await build({
    configFile: false,
    logLevel: "silent",
    build: {
      ssr: resolve("src/store/open-store.ts"),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: "store.mjs" } },
    },
  });
  await symlink(resolve("node_modules"), join(folder, "node_modules"), "junction");
  await writeFile(
    join(folder, "writer.mjs"),
    `import { createHash } from "node:crypto";
     import { openStore } from "./store.mjs";
     const [path, name, count] = process.argv.slice(2);
     const store = await openStore(path);
     for (let index = 0; index < Number(count); index++) {
       const shared = createHash("sha256").update("shared " + index).digest("hex");
       const own = createHash("sha256").update(name + " " + index).digest("hex");
       await Promise.all([store.put("criteria", shared, name), store.put("evaluations", own, index)]);
       process.stdout.write(index + "\\n");
     }
     await store.close();`,
  );
  const start = (name: string, count: number) => {
    const child = spawn(process.execPath, [join(folder, "writer.mjs"), path, name, String(count)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const stored: number[] = [];
    let rest = "";
    child.stdout.on("data", (data) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop()!;
      stored.push(...lines.map(Number));
      if (name === "killed" && stored.length >= 50) child.kill("SIGKILL");
    });
    return { name, stored, closed: once(child, "close") as Promise<[number | null]> };
  };
  const children = [start("a", 300), start("b", 300), start("killed", 1_000_000)];
  const codes = await Promise.all(children.map(({ closed }) => closed));
  expect(codes.map(([code]) => code)).toEqual([0, 0, null]);

  const store = await openStore(path);
  for (const { name, stored } of children) {
    expect(stored.length).toBeGreaterThanOrEqual(50);
    for (const index of stored) expect(await store.get("evaluations", keyOf(`${name} ${index}`))).toBe(index);
  }
  expect(await store.get("criteria", keyOf("shared 299"))).toMatch(/^(a|b|killed)$/);
  await store.close();
}, 60_000);
