import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../core/random.ts";
import { curatePairs, pairOf } from "../test-helpers.ts";
import { weightedPlaces } from "./budget.ts";
import { capShares } from "./domain-balance.ts";
import { kCentre } from "./k-centre.ts";

const random = seededRandom(9);
const text = (length: number) => "x".repeat(Math.max(1, Math.round(length)));

describe("length balance", () => {
  test("the chosen response is longer in half of the pairs of every stratum", async () => {
    const pairs = Array.from({ length: 600 }, (_, at) => {
      const length = 20 + 400 * random();
      // The longer the pair, the surer is the longer one chosen.
      const longer = random() < 0.4 + length / 800;
      const sides = [text(length), text(length * 0.6)];
      return pairOf(String(at), { chosen: sides[longer ? 0 : 1]!, rejected: sides[longer ? 1 : 0]! });
    });
    const { splits, dropped, stages } = await curatePairs(pairs, [
      { "length-balance": { strata: 4, tolerance: 0.02 } },
    ]);
    const kept = splits.train!.toSorted((a, b) => size(a) - size(b));
    expect(dropped.length).toBeGreaterThan(50);
    const lengths = pairs.map(size).sort((a, b) => a - b);
    for (let stratum = 0; stratum < 4; stratum++) {
      const [low, high] = [lengths[stratum * 150]!, lengths[stratum * 150 + 149]!];
      const members = kept.filter((pair) => size(pair) >= low && size(pair) <= high);
      const share = members.filter(({ chosen, rejected }) => chosen.length > rejected.length).length / members.length;
      expect(Math.abs(share - 0.5)).toBeLessThan(0.04);
    }
    expect(stages.find(({ name }) => name === "length-balance")!.notes[0]).toMatch(
      /chosen longer in [\d.]+ % before, 5[012]\.\d % after/,
    );
  });

  test("a balanced set stays as it is", async () => {
    const pairs = Array.from({ length: 40 }, (_, at) =>
      pairOf(
        String(at),
        at % 2 === 0 ? { chosen: text(30), rejected: text(20) } : { chosen: text(20), rejected: text(30) },
      ),
    );
    expect((await curatePairs(pairs, [{ "length-balance": { strata: 1 } }])).dropped).toEqual([]);
  });
});

function size({ chosen, rejected }: { chosen: string; rejected: string }) {
  return Math.max(chosen.length, rejected.length);
}

describe("domain balance", () => {
  test("no domain has more than its share of what stays", async () => {
    const counts = { chat: 60, code: 20, math: 15, safety: 5 };
    const pairs = Object.entries(counts).flatMap(([domain, count]) =>
      Array.from({ length: count }, (_, at) => pairOf(`${domain}-${at}`, { domain })),
    );
    const { kept, dropped } = await curatePairs(pairs, [
      { "domain-balance": { maxShare: 0.4, shares: { math: 0.2 } } },
    ]);
    const share = (domain: string) => kept.filter((id) => id.startsWith(domain)).length / kept.length;
    expect(share("chat")).toBeLessThanOrEqual(0.4);
    expect(share("math")).toBeLessThanOrEqual(0.2);
    expect(kept.filter((id) => id.startsWith("safety")).length).toBe(5);
    expect(dropped.every(({ reason }) => /too many of domain (chat|code|math)/.test(reason))).toBe(true);
  });

  test("shares hold where they can, and nothing is dropped for nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(500), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (sizes, share) => {
          const kept = capShares(
            sizes,
            sizes.map(() => share),
          );
          const total = kept.reduce((sum, size) => sum + size, 0);
          for (const [index, size] of kept.entries()) {
            expect(size).toBeLessThanOrEqual(sizes[index]!);
            if (share * sizes.filter((one) => one > 0).length >= 1.2 && size > 1)
              expect(size).toBeLessThanOrEqual(share * total + 1);
            if (sizes[index]! > 0) expect(size).toBeGreaterThan(0);
          }
          if (sizes.every((size) => size <= share * sizes.reduce((sum, one) => sum + one, 0)))
            expect(kept).toEqual(sizes);
        },
      ),
    );
  });
});

describe("domain balance by shares that leave no room", () => {
  test.each([
    { name: "a single domain stays whole", sizes: [80], shares: [0.4], kept: [80] },
    { name: "domains that are not there have no share", sizes: [80, 0], shares: [0.4, 0.4], kept: [80, 0] },
    { name: "two of 0.4 each are as many", sizes: [100, 50], shares: [0.4, 0.4], kept: [51, 50] },
  ])("$name", ({ sizes, shares, kept }) => {
    expect(capShares(sizes, shares)).toEqual(kept);
  });

  test("shares of 1 in all are met to a row, and as many rows stay as can", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 5000 }), { minLength: 2, maxLength: 5 }),
        fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (sizes, drawn) => {
          const own = drawn.slice(0, sizes.length);
          const all = own.reduce((sum, share) => sum + share, 0);
          const shares = own.map((share) => share / all);
          const kept = capShares(sizes, shares);
          const total = kept.reduce((sum, size) => sum + size, 0);
          for (const [index, size] of kept.entries()) expect(size).toBeLessThan(shares[index]! * total + 1);
          const possible = Math.min(...sizes.map((size, index) => size / shares[index]!));
          expect(total).toBeGreaterThan(possible - 2 * sizes.length);
        },
      ),
    );
  });
});

describe("budget", () => {
  test("as many as asked for, by weight, none above its size", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.nat(300), weight: fc.double({ min: 0.1, max: 10, noNaN: true }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.nat(1000),
        (groups, places) => {
          const given = weightedPlaces(
            groups.map(({ size }) => size),
            groups.map(({ weight }) => weight),
            places,
          );
          const all = groups.reduce((sum, { size }) => sum + size, 0);
          expect(given.reduce((sum, count) => sum + count, 0)).toBe(Math.min(places, all));
          for (const [index, count] of given.entries()) expect(count).toBeLessThanOrEqual(groups[index]!.size);
        },
      ),
    );
    expect(weightedPlaces([100, 100], [3, 1], 40)).toEqual([30, 10]);
    expect(weightedPlaces([10, 100], [9, 1], 60)).toEqual([10, 50]);
  });

  test("keeps the seeded rows, the same whatever else is there", async () => {
    const pairs = Array.from({ length: 50 }, (_, at) => pairOf(String(at)));
    const { kept } = await curatePairs(pairs, [{ budget: { pairs: 10 } }]);
    expect(kept.length).toBe(10);
    const again = await curatePairs(pairs, [{ budget: { pairs: 20 } }]);
    expect(again.kept).toEqual(expect.arrayContaining(kept));
    const other = await curatePairs(pairs, [{ budget: { pairs: 10 } }], { recipe: { seed: 1 } });
    expect(other.kept).not.toEqual(kept);
  });
});

describe("diversity", () => {
  test("takes prompts that are unlike those it has", async () => {
    const topics = [
      "cooking rice in a pot",
      "the rules of chess for children",
      "why metals rust in rain",
      "poems about autumn leaves",
    ];
    const pairs = topics.flatMap((topic, kind) =>
      Array.from({ length: 10 }, (_, at) =>
        pairOf(`${kind}-${at}`, { prompt: `Tell me about ${topic}, part ${at}, please: ${topic}` }),
      ),
    );
    const { kept, dropped } = await curatePairs(pairs, [{ diversity: { pairs: 4 } }]);
    expect(kept.map((id) => id[0]).sort()).toEqual(["0", "1", "2", "3"]);
    expect(dropped[0]).toMatchObject({ reason: "prompt like that of a row that stays" });
    const among = await curatePairs(pairs, [{ diversity: { pairs: 4, among: 30 } }]);
    expect(among.dropped.filter(({ reason }) => reason === "not among those that are considered").length).toBe(10);
    expect(among.stages.find(({ name }) => name === "diversity")!.notes).toEqual([
      expect.stringMatching(/^of 30 of 40 that were considered, every prompt has one that stays within cosine/),
    ]);
  });

  test("no row is farther from a chosen one than the chosen ones from each other", () => {
    const vectors = Float32Array.from({ length: 60 * 3 }, () => random() - 0.5);
    for (let row = 0; row < 60; row++) {
      const length = Math.hypot(...vectors.subarray(row * 3, row * 3 + 3));
      for (let at = 0; at < 3; at++) vectors[row * 3 + at]! /= length;
    }
    const cosine = (a: number, b: number) =>
      [0, 1, 2].reduce((sum, at) => sum + vectors[a * 3 + at]! * vectors[b * 3 + at]!, 0);
    const { chosen, similarity } = kCentre(vectors, 3, 8);
    expect(new Set(chosen).size).toBe(8);
    const apart = Math.max(...chosen.flatMap((a) => chosen.filter((b) => b !== a).map((b) => cosine(a, b))));
    for (let row = 0; row < 60; row++) {
      const nearest = Math.max(...chosen.map((one) => cosine(row, one)));
      expect(similarity[row]).toBeCloseTo(nearest, 5);
      expect(nearest).toBeGreaterThanOrEqual(apart - 1e-6);
    }
  });
});
