import fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../data/test-helpers.ts";
import { openTexts, shareTexts, TextWriter } from "./text-file.ts";

test("gives back the texts of any rows as they were", async () => {
  const folder = await temporaryFolder();
  const text = fc.string({ unit: "grapheme", maxLength: 40 });
  const row = fc.tuple(text, text, text);
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), fc.array(fc.nat()), async (rows, drawn) => {
      const writer = await TextWriter.open(folder);
      for (const one of rows) await writer.append(one);
      await writer.close();
      using read = openTexts(await shareTexts(folder));
      // In order, out of order, and again.
      for (const numbers of [rows.map((_, at) => at), drawn.map((number) => number % rows.length)]) {
        const { messages, chosen, rejected } = read(numbers);
        expect(numbers.map((_, at) => [messages[at], chosen[at], rejected[at]])).toEqual(numbers.map((n) => rows[n]));
      }
    }),
    { numRuns: 40 },
  );
});

test("rows may be longer than any buffer", async () => {
  const folder = await temporaryFolder();
  const writer = await TextWriter.open(folder);
  const long = "ä€😀".repeat(1_500_000);
  await writer.append(["a", "b", "c"]);
  await writer.append([long, "middle", long]);
  await writer.append(["d", "e", "f"]);
  await writer.close();
  using read = openTexts(await shareTexts(folder));
  const { messages, rejected } = read([0, 1, 2]);
  expect([messages[0], messages[2], rejected[2]]).toEqual(["a", "d", "f"]);
  expect(messages[1] === long && rejected[1] === long).toBe(true);
});
