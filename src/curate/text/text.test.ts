import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HashList } from "./hash-list.ts";
import { hashNgrams } from "./hash-ngrams.ts";
import { hashWords } from "./hash-words.ts";
import { jaccard } from "./jaccard.ts";
import { normaliseText } from "./normalise-text.ts";
import { Shingler } from "./shingles.ts";

const hashes = (text: string) => {
  const list = new HashList();
  hashWords(text, list);
  return pairsOf(list);
};
const pairsOf = (list: HashList) => Array.from({ length: list.length }, (_, at) => `${list.high[at]}/${list.low[at]}`);
// Scripts in which words stand between spaces.
const words = fc.array(fc.stringMatching(/^[a-zA-Z0-9äöüßéñżЖдяΩλ]{1,8}$/), { maxLength: 12 });
const gaps = fc.constantFrom(" ", ", ", "\n", " - ", "  ", "…", "._", "!? ", "\u00a0");

describe("normalised texts", () => {
  test.each([
    ["  Hello,   WORLD!! ", "hello world"],
    ["x_y-z 1.5", "x y z 1 5"],
    ["ｆｕｌｌ ﬁne №５", "full fine no5"],
    ["Ünïcode… «quoted»", "ünïcode quoted"],
    ["…", ""],
  ])("%j becomes %j", (text, normalised) => {
    expect(normaliseText(text)).toBe(normalised);
  });

  test("word hashes are equal exactly when normalised texts are", () => {
    fc.assert(
      fc.property(words, fc.array(gaps, { minLength: 13, maxLength: 13 }), words, (a, between, b) => {
        const text = a.map((word, at) => between[at] + word).join("") + between[12];
        expect(hashes(text)).toEqual(hashes(a.join(" ")));
        expect(hashes(text).length).toBe(normaliseText(text).split(" ").filter(Boolean).length);
        const same = normaliseText(a.join(" ")) === normaliseText(b.join(" "));
        expect(JSON.stringify(hashes(a.join(" "))) === JSON.stringify(hashes(b.join(" ")))).toBe(same);
      }),
    );
  });

  test("every character of a script without spaces is a word", () => {
    expect(hashes("我喜欢茶 tea").length).toBe(5);
    expect(hashes("我喜欢")).toEqual(hashes("我 喜，欢"));
  });
});

describe("runs of words", () => {
  test("the rolling hash of a run depends on its words alone", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "dd"), { maxLength: 30 }),
        fc.integer({ min: 1, max: 6 }),
        (text, size) => {
          const list = new HashList();
          hashWords(text.join(" "), list);
          const rolled = new HashList();
          hashNgrams(list, size, rolled);
          const alone = Array.from({ length: Math.max(0, text.length - size + 1) }, (_, at) => {
            const [run, one] = [new HashList(), new HashList()];
            hashWords(text.slice(at, at + size).join(" "), run);
            hashNgrams(run, size, one);
            return pairsOf(one)[0];
          });
          expect(pairsOf(rolled)).toEqual(alone);
        },
      ),
    );
  });

  test("a text shorter than a run is one run; a text without words none", () => {
    const shingler = new Shingler(5);
    expect(shingler.shingle(["two words"], new HashList()).length).toBe(1);
    expect(shingler.shingle(["...", ""], new HashList()).length).toBe(0);
    expect(shingler.shingle(["one two three four five six", "seven"], new HashList()).length).toBe(3);
  });

  test("similarity is that of the sets of runs", () => {
    const shingler = new Shingler(1);
    const of = (a: string, b: string) =>
      jaccard(shingler.shingle([a], new HashList()), shingler.shingle([b], new HashList()));
    expect(of("a b c d", "D, c B a a")).toBe(1);
    expect(of("a b c", "b c d")).toBe(0.5);
    expect(of("", "")).toBe(0);
  });
});
