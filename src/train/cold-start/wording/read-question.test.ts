import { describe, expect, test } from "vitest";
import { readClause, readQuestion } from "./read-question.ts";
import { splitQuestion } from "./split-question.ts";

describe("questions about a response", () => {
  test.each([
    ["Does the generated text include a table of contents?", "Table", "Includes a table of contents"],
    [
      "Does the generated cover letter clearly identify two open positions?",
      "Two open positions",
      "Clearly identifies two open positions",
    ],
    [
      "Does the response accurately predict the next state of the garden?",
      "Next state",
      "Accurately predicts the next state of the garden",
    ],
    ["Is the generated text a LaTeX code?", "LaTeX code", "Is a LaTeX code"],
    ["Does the generated poem take the form of a sonnet?", "Sonnet", "Takes the form of a sonnet"],
    ["Is the setting of the generated scene a restaurant?", "Setting", "Is the setting of the scene a restaurant"],
    ["Does each entry in the generated table contain a date?", "Entry", "Does each entry in the table contain a date"],
    [
      "In the generated poem, do the stanzas express emotions?",
      "Stanzas",
      "In the poem, do the stanzas express emotions",
    ],
  ])("%s", (question, term, statement) => {
    expect(readQuestion(question)).toEqual({ term, statement });
  });

  test.each([
    "Is the generated text free of controversial topics?",
    "Does the response work?",
    "How effectively does it end?",
    "",
  ])("have no term where the rules cannot tell: %s", (question) => {
    expect(readQuestion(question).term).toBeUndefined();
  });
});

describe("questions that ask several things", () => {
  test("are split before verbs, not inside lists of nouns", () => {
    const parts = splitQuestion(
      "Does the plan provide a two-day trip, including museums, parks and cafes, while ensuring a safe walk and addressing the budget?",
    );
    expect(parts).toEqual([
      "Does the plan provide a two-day trip",
      "including museums, parks and cafes",
      "ensuring a safe walk",
      "addressing the budget",
    ]);
    expect(parts.slice(1).map(readClause)).toEqual([
      { term: "Museums", statement: "Including museums, parks and cafes" },
      { term: "Safe walk", statement: "Ensuring a safe walk" },
      { term: "Budget", statement: "Addressing the budget" },
    ]);
  });

  test("a single one stays whole", () => {
    expect(splitQuestion("Does the response name the capital?")).toEqual(["Does the response name the capital"]);
  });
});
