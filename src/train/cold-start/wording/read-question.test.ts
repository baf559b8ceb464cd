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
    ["Does each entry in the generated table contain a date?", "Entry", "Each entry in the table contains a date"],
    ["In the generated poem, do the stanzas express emotions?", "Stanzas", "In the poem, the stanzas express emotions"],
    ["Do all the stanzas clearly convey one mood?", "Stanzas", "All the stanzas clearly convey one mood"],
    [
      "Are there at least seven stories in the generated text?",
      "Seven stories",
      "There are at least seven stories in the response",
    ],
    ["Is there a description included for each day?", "Description", "There is a description included for each day"],
    [
      "Does the generated text include a dataset consisting of points?",
      "Dataset",
      "Includes a dataset consisting of points",
    ],
    [
      "Are the questions included in the generated list open-ended?",
      "Questions",
      "Are the questions included in the list open-ended",
    ],
    ["Does the second list include ten words?", "Second list", "The second list includes ten words"],
    ["Does each day's list start with a title?", "Day's list", "Each day's list starts with a title"],
    [
      "Does the course outline explicitly include two exams?",
      "Course outline",
      "The course outline explicitly includes two exams",
    ],
    ["Does the message have a title and convey thanks?", "Message", "Does the message have a title and convey thanks"],
    ["Does the plan not mention a hotel?", "Plan", "Does the plan not mention a hotel"],
  ])("%s", (question, term, statement) => {
    expect(readQuestion(question)).toEqual({ term, statement });
  });

  test.each([
    "Is the generated text free of controversial topics?",
    "Does the response work?",
    "Is the generated text represented as a tree?",
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
