import fc from "fast-check";
import { expect, test } from "vitest";
import { byteTokens, specialToken, toyTokenizer } from "./embedded/testing/toy-model.ts";
import { TokenTextDecoder } from "./text-decoder.ts";

function decode(tokens: number[]): TokenTextDecoder {
  const decoder = new TokenTextDecoder(toyTokenizer);
  for (const token of tokens) decoder.push(token);
  return decoder;
}

test("text comes out whole whatever its characters are made of", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const decoder = new TokenTextDecoder(toyTokenizer);
      for (const token of toyTokenizer.tokenize(text)) {
        decoder.push(token);
        expect(text.startsWith(decoder.text)).toBe(true);
      }
      expect(decoder.text).toBe(text);
      expect(decoder.whole.at(-1) ?? true).toBe(true);
    }),
  );
});

test("the bytes of an unfinished character wait for the rest", () => {
  const decoder = decode([...toyTokenizer.tokenize("a"), ...byteTokens("😀").slice(0, 3)]);
  expect(decoder.text).toBe("a");
  expect(decoder.ends).toEqual([1, 1, 1, 1]);
  expect(decoder.whole).toEqual([true, false, false, false]);
  decoder.push(byteTokens("😀")[3]!);
  expect(decoder.text).toBe("a😀");
});

test("bytes that are not UTF-8 do not hold back what follows", () => {
  const decoder = decode([...byteTokens("é").slice(0, 1), ...toyTokenizer.tokenize("abc")]);
  expect(decoder.text).toBe("\uFFFDabc");
});

test("whole tokens end before a character that is cut", () => {
  const decoder = decode([...toyTokenizer.tokenize("a"), ...byteTokens("é"), ...toyTokenizer.tokenize("abc")]);
  expect(decoder.wholeTokens(1, 4)).toBe(1);
  expect(decoder.wholeTokens(2, 4)).toBe(3);
  expect(decoder.wholeTokens(4, 4)).toBe(3);
  expect(decoder.wholeTokens(5, 4)).toBe(4);
  expect(decoder.wholeTokens(5, 2)).toBe(1);
  expect(decoder.wholeTokens(0, 4)).toBe(0);
});

test("a token without text is whole", () => {
  expect(decode([...toyTokenizer.tokenize("a"), specialToken]).wholeTokens(1, 2)).toBe(2);
});
