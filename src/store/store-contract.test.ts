import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryStore } from "./memory-store.ts";
import { openStore } from "./open-store.ts";
import type { Store } from "./store.ts";

const keyOf = (name: string) => createHash("sha256").update(name).digest("hex");

const stores: Record<string, () => Promise<Store>> = {
  memory: async () => memoryStore(),
  none: () => openStore("none"),
  ":memory:": () => openStore(":memory:"),
  file: async () => {
    const folder = await mkdtemp(join(tmpdir(), "cerm-test-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return await openStore(`file:${join(folder, "s.db")}`);
  },
};

describe.each(Object.entries(stores))("%s", (_, open) => {
  test("a value is found under its table and key only, and the first put stays", async () => {
    const store = await open();
    await store.put("criteria", keyOf("a"), { text: "é😀\u0000" });
    await store.put("criteria", keyOf("a"), { text: "later" });
    expect(await store.get("criteria", keyOf("a"))).toEqual({ text: "é😀\u0000" });
    expect(await store.get("evaluations", keyOf("a"))).toBeUndefined();
    expect(await store.get("criteria", keyOf("b"))).toBeUndefined();
    await store.close();
  });

  test("two puts of one key at once agree with what is read afterwards", async () => {
    const store = await open();
    const first = store.put("criteria", keyOf("a"), 1);
    const second = store.put("criteria", keyOf("a"), 2);
    expect(await store.get("criteria", keyOf("a"))).toBe(1);
    await Promise.all([first, second]);
    expect(await store.get("criteria", keyOf("a"))).toBe(1);
    await store.close();
  });

  test("any JSON comes back equal, and is a copy", async () => {
    const store = await open();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const key = keyOf(String(count++));
        await store.put("evaluations", key, value);
        const found = await store.get("evaluations", key);
        expect(JSON.stringify(found)).toBe(JSON.stringify(value));
        if (typeof value === "object" && value !== null) expect(found).not.toBe(value);
      }),
      { numRuns: 30 },
    );
    await store.close();
  });

  test("what is not JSON, and keys that are no hashes, are refused", async () => {
    const store = await open();
    await expect(store.put("criteria", keyOf("a"), undefined)).rejects.toThrow("a store value is JSON, got undefined");
    await expect(store.put("criteria", "a", 1)).rejects.toThrow('a store key has 64 hexadecimal digits, got "a"');
    await expect(store.get("criteria", keyOf("a").toUpperCase())).rejects.toThrow("64 hexadecimal digits");
    await expect(store.get("others" as "criteria", keyOf("a"))).rejects.toThrow('there is no store table "others"');
    await store.close();
  });
});

test("the memory store drops what was not used for longest", async () => {
  const store = memoryStore({ maxEntries: 3 });
  for (const name of ["a", "b", "c"]) await store.put("criteria", keyOf(name), name);
  await store.get("criteria", keyOf("a"));
  await store.put("evaluations", keyOf("d"), "d");
  const found = await Promise.all(["a", "b", "c"].map((name) => store.get("criteria", keyOf(name))));
  expect([...found, await store.get("evaluations", keyOf("d"))]).toEqual(["a", undefined, "c", "d"]);
});
