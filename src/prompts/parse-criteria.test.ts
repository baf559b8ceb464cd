import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Criterion } from "../core/criteria.ts";
import { loadPack } from "./load-pack.ts";
import type { Pack } from "./pack.ts";
import { parseCriteria } from "./parse-criteria.ts";

let pack: Pack;
beforeAll(async () => {
  pack = await loadPack("default");
});

const start = "[Start of Criteria]";
const end = "[End of Criteria]";
const expected: Criterion[] = [
  { term: "Accuracy", description: "facts are right" },
  { term: "Well-formed output", description: "valid JSON: no comments" },
];

function items(text: string, finishReason: "stop" | "length" = "stop"): Criterion[] | string {
  const result = parseCriteria(pack, text, finishReason);
  if (!result.ok) return result.reason;
  expect(result.criteria.text).toBe(text);
  return result.criteria.items;
}

describe("list styles", () => {
  it.each([
    ["numbers and bold", "1. **Accuracy**: facts are right\n2. **Well-formed output**: valid JSON: no comments"],
    [
      "brackets and colon in bold",
      "1) **Accuracy:** facts are right\n2) **Well-formed output:** valid JSON: no comments",
    ],
    ["brackets around", "(1) Accuracy: facts are right\n(2) Well-formed output: valid JSON: no comments"],
    ["hyphens and dashes", "- Accuracy - facts are right\n- Well-formed output – valid JSON: no comments"],
    ["stars", "* *Accuracy*: facts are right\n* *Well-formed output* — valid JSON: no comments"],
    ["bullets and backticks", "• `Accuracy`: facts are right\n• `Well-formed output`: valid JSON: no comments"],
    [
      "the word criterion",
      "Criterion 1: Accuracy: facts are right\nCriterion 2: Well-formed output: valid JSON: no comments",
    ],
    ["numbered headings", "### 1. Accuracy\nfacts are right\n### 2. Well-formed output\nvalid JSON: no comments"],
    [
      "headings and an empty line",
      "## Accuracy\n\nfacts are right\n\n## Well-formed output\n\nvalid JSON: no comments",
    ],
    ["bold lines", "**Accuracy**: facts are right\n**Well-formed output**: valid JSON: no comments"],
    ["bold numbers", "**1. Accuracy**: facts are right\n**2. Well-formed output**: valid JSON: no comments"],
    ["labels only", "Accuracy: facts are right\nWell-formed output: valid JSON: no comments"],
    ["all in bold", "1. **Accuracy: facts are right**\n2. **Well-formed output: valid JSON: no comments**"],
    [
      "sub-bullets",
      "1. **Accuracy**:\n   - facts\n   - are right\n2. **Well-formed output**\n   - valid JSON:\n     no comments",
    ],
    ["lines that go on", "1. Accuracy: facts\nare right\n\n2. Well-formed output: valid JSON:\n   no comments"],
    ["indented items", "  1. Accuracy: facts are right\n  2. Well-formed output: valid JSON: no comments"],
    [
      "duplicates",
      "1. Accuracy: facts are right\n2. **accuracy** - again\n3. Well-formed output: valid JSON: no comments",
    ],
    ["a code fence", "```markdown\n1. Accuracy: facts are right\n2. Well-formed output: valid JSON: no comments\n```"],
    ["empty items", "1. Accuracy: facts are right\n2. \n3. Well-formed output: valid JSON: no comments"],
    ["windows line ends", "1. Accuracy: facts are right\r\n2. Well-formed output: valid JSON: no comments\r\n"],
  ])("reads %s", (_name, list) => {
    expect(items(`Some analysis.\n\n${start}\n${list}\n${end}`)).toEqual(expected);
  });

  it("keeps a criterion without a description, and the order", () => {
    expect(items(`${start}\n1. Answers the question.\n2. Brevity: short\n${end}`)).toEqual([
      { term: "Answers the question", description: "" },
      { term: "Brevity", description: "short" },
    ]);
  });
});

describe("markers", () => {
  const list = "1. Accuracy: facts are right\n2. Well-formed output: valid JSON: no comments";

  it.each([
    ["no end in a finished answer", `Analysis: hm.\n${start}\n${list}`],
    ["no start", `Analysis.\n\n${list}\n${end}`],
    ["neither", `The user wants two things:\n1. truth\n2. JSON\n\nCriteria:\n${list}\n\nThese cover it.`],
    ["another case", `[start of criteria]\n${list}\n[ END OF CRITERIA ]`],
    ["bold markers", `**${start}**\n${list}\n**${end}**`],
    ["a mention of both before", `I will write between ${start} and ${end}.\n\n${start}\n${list}\n${end}\nDone.`],
    ["thinking before", `<think>\n${start}\n1. Draft: no\n${end}\n</think>\n${start}\n${list}\n${end}`],
    ["a fence around all", `\`\`\`\n${start}\n${list}\n${end}\n\`\`\``],
  ])("copes with %s", (_name, text) => {
    expect(items(text)).toEqual(expected);
  });

  it("is truncated when cut off before the end marker, and only then", () => {
    expect(items(`${start}\n${list}`, "length")).toBe("truncated");
    expect(items(`${list}\n3. Bre`, "length")).toBe("truncated");
    expect(items("<think>hm", "length")).toBe("truncated");
    expect(items(`${start}\n${list}\n${end}\nAnd now I`, "length")).toEqual(expected);
  });

  it.each([
    ["an empty answer", ""],
    ["prose", "I cannot do that."],
    ["empty markers", `${start}\n${end}`],
    ["an answer to the query with a list of facts", "Here you go.\n1. First, boil water.\n2. Then add tea."],
    ["unclosed thinking", `<think>${start}\n${list}\n${end}`],
  ])("does not make criteria of %s", (_name, text) => {
    expect(items(text)).toBe("criteria-unparsable");
  });
});

describe("properties", () => {
  const piece = fc.constantFrom(
    start,
    end,
    "\n",
    "1. ",
    "- ",
    "**",
    ": ",
    " - ",
    "```\n",
    "<think>",
    "</think>",
    "   ",
    "Accuracy",
    "(",
    "### ",
    '"',
    "“",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 40 }).map((parts) => parts.join("")),
  );

  it("never throws; terms are distinct one-liners", () => {
    fc.assert(
      fc.property(text, fc.boolean(), (answer, cut) => {
        const result = parseCriteria(pack, answer, cut ? "length" : "stop");
        if (!result.ok) return;
        const terms = result.criteria.items.map((item) => item.term.toLowerCase());
        expect(terms.length).toBeGreaterThan(0);
        expect(new Set(terms).size).toBe(terms.length);
        for (const item of result.criteria.items) expect(`${item.term}${item.description}`).not.toMatch(/\n/);
      }),
      { numRuns: 1500 },
    );
  });

  it("takes time in proportion to the text", () => {
    for (const part of [
      start,
      `${start}${end}`,
      end,
      "1. ",
      "- ",
      "**",
      "(",
      "[",
      " ",
      "\t",
      "a ",
      "a\n",
      '"',
      "“",
      "1. a: b\n",
      ":",
      "—",
      "```\n",
    ]) {
      const answer = part.repeat(Math.floor(60_000 / part.length));
      const started = process.cpuUsage();
      parseCriteria(pack, answer, "stop");
      parseCriteria(pack, `${start}\n1. **a${answer}b**${answer}: c${answer}d`, "stop");
      parseCriteria(pack, `1. a${answer}\n2. **${answer}`, "stop");
      // Processor time: other work on the machine does not count.
      expect(process.cpuUsage(started).user / 1000, JSON.stringify(part)).toBeLessThan(1000);
    }
  });
});
