import { describe, expect, test } from "vitest";
import type { PreferencePair } from "../../core/preference-pair.ts";
import { seededRandom } from "../../core/random.ts";
import { curatePairs, pairOf } from "../test-helpers.ts";
import { HashList } from "../text/hash-list.ts";
import { jaccard } from "../text/jaccard.ts";
import { Shingler } from "../text/shingles.ts";

describe("exact duplicates", () => {
  test("are the same but for case, punctuation and white space; the first stays", async () => {
    const { kept, dropped } = await curatePairs(
      [
        pairOf("a", { prompt: "What is tea?", chosen: "A leaf", rejected: "A stone" }),
        pairOf("b", { prompt: "what is tea", chosen: "A leaf!", rejected: "A  stone." }),
        pairOf("c", { prompt: "What is tea?", chosen: "A leaf", rejected: "A rock" }),
        pairOf("d", { prompt: "What is tea?", chosen: "A", rejected: "leaf A stone" }),
      ],
      ["exact-duplicates"],
    );
    expect(kept).toEqual(["a", "c", "d"]);
    expect(dropped).toMatchObject([{ id: "b", reason: "exact duplicate", other: "a" }]);
  });

  test("labelled both ways, none stays, or the first ones where asked to", async () => {
    const pairs = [
      pairOf("a", { prompt: "What is tea?", chosen: "A leaf", rejected: "A stone" }),
      pairOf("b", { prompt: "What is tea?", chosen: "A stone", rejected: "A leaf" }),
      pairOf("c", { prompt: "What is tea?", chosen: "A leaf", rejected: "A stone" }),
      pairOf("d"),
    ];
    const { kept, dropped } = await curatePairs(pairs, ["exact-duplicates"]);
    expect(kept).toEqual(["d"]);
    expect(new Set(dropped.map(({ reason }) => reason))).toEqual(new Set(["labelled both ways"]));
    const first = await curatePairs(pairs, [{ "exact-duplicates": { conflicts: "keep-first" } }]);
    expect(first.kept).toEqual(["a", "d"]);
  });

  test("of prompts, as many stay as asked for", async () => {
    const pairs = ["a", "b", "c"].map((id) => pairOf(id, { prompt: "The same?", chosen: id }));
    const { kept } = await curatePairs(pairs, [{ "exact-duplicates": { of: "prompt", keep: 2 } }]);
    expect(kept).toEqual(["a", "b"]);
  });

  test("a message's end counts: the same words in other messages are another prompt", async () => {
    const messages = (...contents: string[]): PreferencePair["messages"] =>
      contents.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content }));
    const same = { chosen: "yes", rejected: "no" };
    const { kept } = await curatePairs(
      [
        pairOf("a", { messages: messages("one two three"), ...same }),
        pairOf("b", { messages: messages("one", "two", "three"), ...same }),
      ],
      ["exact-duplicates"],
    );
    expect(kept).toEqual(["a", "b"]);
  });
});

describe("near duplicates", () => {
  const random = seededRandom(3);
  const words = (count: number) => Array.from({ length: count }, () => `w${Math.floor(random() ** 2 * 3000)}`);
  const changed = (text: string[], share: number) => text.map((word) => (random() < share ? words(1)[0]! : word));
  const shingler = new Shingler(3);
  const similarity = (a: string[], b: string[]) =>
    jaccard(shingler.shingle(a, new HashList()), shingler.shingle(b, new HashList()));
  const pairSimilarity = (a: PreferencePair, b: PreferencePair) =>
    Math.min(
      similarity([a.messages[0]!.content], [b.messages[0]!.content]),
      similarity([a.chosen, a.rejected], [b.chosen, b.rejected]),
    );

  /** Pairs of which many are like an earlier one, to all degrees. */
  function pairs(count: number): PreferencePair[] {
    const texts: { prompt: string[]; chosen: string[]; rejected: string[] }[] = [];
    return Array.from({ length: count }, (_, at) => {
      const like = at > 20 && random() < 0.5 ? texts[Math.floor(random() * texts.length)]! : undefined;
      const share = random() * 0.12;
      const text =
        like === undefined
          ? { prompt: words(25), chosen: words(60), rejected: words(60) }
          : { prompt: like.prompt, chosen: changed(like.chosen, share), rejected: changed(like.rejected, share) };
      texts.push(text);
      const { prompt, chosen, rejected } = text;
      return pairOf(String(at), { prompt: prompt.join(" "), chosen: chosen.join(" "), rejected: rejected.join(" ") });
    });
  }

  test("all of what is left is different, and all that went is like one that stayed", async () => {
    const all = pairs(400);
    const { kept, dropped } = await curatePairs(all, [{ "near-duplicates": { of: "pair", threshold: 0.8 } }]);
    const byId = new Map(all.map((pair) => [pair.id, pair]));
    expect(dropped.length).toBeGreaterThan(40);
    for (const { id, other, detail } of dropped) {
      expect(kept).toContain(other);
      const true_ = pairSimilarity(byId.get(id)!, byId.get(other!)!);
      expect(true_).toBeGreaterThanOrEqual(0.8);
      expect(detail).toBe(`Jaccard ${true_.toFixed(2)}`);
    }
    let missed = 0;
    for (const [at, a] of kept.entries())
      for (const b of kept.slice(at + 1)) if (pairSimilarity(byId.get(a)!, byId.get(b)!) >= 0.8) missed++;
    expect(missed / dropped.length).toBeLessThan(0.02);
  });

  test("different responses to one long prompt are no duplicates", async () => {
    const prompt = words(500).join(" ");
    const { kept } = await curatePairs(
      [
        pairOf("a", { prompt, chosen: "Yes, it is so.", rejected: "No." }),
        pairOf("b", { prompt, chosen: "Perhaps, who knows?", rejected: "Never at all." }),
      ],
      [{ "near-duplicates": { of: "pair" } }],
    );
    expect(kept).toEqual(["a", "b"]);
  });

  test("of prompts, as many of a group stay as asked for", async () => {
    const prompt = words(60);
    const like = ["a", "b", "c", "d"].map((id, at) =>
      pairOf(id, { prompt: [...prompt.slice(at), ...words(at)].join(" ") }),
    );
    const { kept, dropped } = await curatePairs(like, [
      { "near-duplicates": { of: "prompt", threshold: 0.7, keep: 2 } },
    ]);
    expect(kept).toEqual(["a", "b"]);
    expect(dropped.map(({ other }) => other)).toEqual(["a", "a"]);
  });

  test("thousands of rows that are all alike leave one", async () => {
    const base = words(80);
    const same = Array.from({ length: 1500 }, (_, at) =>
      pairOf(String(at), { prompt: `${base.join(" ")} ${at}`, chosen: "yes it is", rejected: "no it is not" }),
    );
    const { kept } = await curatePairs(same, [{ "near-duplicates": { of: "pair" } }]);
    expect(kept).toEqual(["0"]);
  });

  test("rows without words are like no other", async () => {
    const { kept } = await curatePairs(
      [
        pairOf("a", { prompt: "?", chosen: "!", rejected: "." }),
        pairOf("b", { prompt: "?", chosen: "!", rejected: "." }),
      ],
      ["near-duplicates"],
    );
    expect(kept).toEqual(["a", "b"]);
  });
});
