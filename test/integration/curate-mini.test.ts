import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CurateReport } from "../../src/curate/index.ts";
import { stages } from "../../src/curate/index.ts";
import { readRecipe } from "../../src/curate/recipe/read-recipe.ts";
import { type Curated, runRecipe } from "../../src/curate/test-helpers.ts";
import { sharedDataPath } from "../shared-data.ts";

const shared = sharedDataPath();
if (shared === undefined && process.env.CI !== undefined)
  throw new Error("there is no shared data: put it beside the repository, or name it in CERM_SHARED_DATA");
if (shared === undefined) console.warn("curate-mini: skipped, there is no shared data (set CERM_SHARED_DATA)");

const mini = join(import.meta.dirname, "../../recipes/mini/curate.yaml");

describe.skipIf(shared === undefined)("the mini recipe on real data", () => {
  let folder: string;
  let curated: Curated;
  let report: CurateReport;
  let overlap: Record<string, { overlap: Record<string, number[]> }>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cerm-mini-"));
    // The recipe says where the data is from its own folder; here it may be elsewhere.
    const recipe = join(folder, "curate.yaml");
    await writeFile(recipe, (await readFile(mini, "utf8")).replaceAll("../../../shared/data", shared!));
    curated = await runRecipe(recipe, join(folder, "run"));
    report = JSON.parse(await readFile(join(folder, "run/report.json"), "utf8"));
    const listed = JSON.parse(await readFile(join(shared!, "preferences/overlap.json"), "utf8"));
    overlap = listed.checkable_with_shared_data;
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("gives 2,500 pairs in three splits, of sources that may be shipped", async () => {
    const { train, test: tested, "held-out": heldOut } = curated.splits;
    expect(train!.length + tested!.length + heldOut!.length).toBe(2500);
    for (const own of [tested!, heldOut!]) expect(own.length).toBeGreaterThan(140);
    expect((await readRecipe(mini, stages)).inputs.map(({ name }) => name)).toEqual([
      "hh-rlhf-helpful",
      "qa-feedback",
      "llmfao",
    ]);
    expect(report.inputs.map(({ licence }) => licence)).toEqual(["MIT", "Apache-2.0", "CC BY 4.0"]);
    expect(report.inputs.every(({ broken }) => broken === 0)).toBe(true);
  });

  test("every row known to overlap with an evaluation set is gone, by decontamination or before it", () => {
    const kept = new Set(Object.values(curated.splits).flatMap((own) => own.map(({ id }) => id)));
    const fate = new Map(curated.dropped.map((row) => [row.id, row]));
    let found = 0;
    for (const [file, { overlap: sets }] of Object.entries(overlap)) {
      const [source, name] = file.split("/") as [string, string];
      if (source !== "hh-rlhf-helpful") continue;
      for (const row of Object.values(sets).flat()) {
        const id = `hh-rlhf-helpful/${name}#${row}`;
        expect(kept.has(id), id).toBe(false);
        const dropped = fate.get(id);
        if (dropped?.name === "decontamination") found++;
        // Stages after it must not be what saved the day.
        else
          expect(["shape", "lengths", "boilerplate", "similar-sides", "exact-duplicates", "near-duplicates"]).toContain(
            dropped?.name,
          );
      }
    }
    expect(found).toBeGreaterThan(30);
  });

  test("neither side is the longer one too often", () => {
    const count = (side: "chosen" | "rejected") => report.lengthBias.reduce((sum, bin) => sum + bin.after[side], 0);
    expect(Math.abs(count("chosen") / (count("chosen") + count("rejected")) - 0.5)).toBeLessThan(0.05);
  });
});
