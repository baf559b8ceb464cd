import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ChoicePart, Form, FormPart, FreePart } from "../core/form.ts";
import { scaleScores } from "../core/scale.ts";
import { criteriaForm, evaluationForm, implicitForm, scoreTexts } from "./forms.ts";
import { givenCriteria } from "./given-criteria.ts";
import { loadPack } from "./load-pack.ts";
import { normaliseTerm } from "./normalise-term.ts";
import type { Pack } from "./pack.ts";
import { parseCriteria } from "./parse-criteria.ts";
import { parseEvaluation } from "./parse-evaluation.ts";

let packs: Pack[];
beforeAll(async () => {
  packs = await Promise.all(["default", "compact"].map((name) => loadPack(name)));
});

interface Filled {
  text: string;
  choices: { name: string; offset: number; chosen: string }[];
}

/** Fills a form as an engine does: free text up to its stop, options by number. */
function fill(
  form: Form,
  free: (part: FreePart) => string,
  option: (part: ChoicePart) => number,
  count: number,
): Filled {
  const filled: Filled = { text: "", choices: [] };
  const add = (part: FormPart): void => {
    if (part.kind === "fixed") filled.text += part.text;
    if (part.kind === "free") filled.text += cut(free(part), part.stop);
    if (part.kind === "choice") {
      const chosen = part.options[option(part) % part.options.length]!;
      filled.choices.push({ name: part.name, offset: filled.text.length, chosen });
      filled.text += chosen;
    }
    if (part.kind === "repeat") {
      const times = Math.min(part.max, Math.max(part.min, count));
      for (let item = 1; item <= times; item++) {
        filled.text += part.open.replace("{i}", String(item));
        part.parts.forEach(add);
      }
      filled.text += part.close;
    }
  };
  form.parts.forEach(add);
  return filled;
}

function cut(text: string, stops: string[]): string {
  const at = Math.min(...stops.map((stop) => text.indexOf(stop)).filter((index) => index >= 0), text.length);
  return text.slice(0, at) || "-";
}

const words = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '"',
        "`",
        "'",
        "“",
        " ",
        "Overall: ",
        "2. ",
        "score",
        "so the overall score is",
        "the answer is",
        "```",
        "> ",
        "[End of Response]",
        "</think>",
        "$",
        "**",
        "5",
        "\\",
        "{",
        "}",
        "\n",
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);

const given = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 5, selector: normaliseTerm })
  .filter((terms) => terms.every((term) => normaliseTerm(term) !== ""));

describe("evaluation form", () => {
  it("ends with the overall choice, after one choice per criterion, with plainly written scores", () => {
    const [normal, compact] = packs as [Pack, Pack];
    const criteria = givenCriteria(normal, [
      { term: "Accuracy", description: "" },
      { term: "Style", description: "" },
    ]);
    const names = (form: Form): string[] =>
      form.parts.filter((part) => part.kind === "choice").map((part) => part.name);
    expect(names(evaluationForm(normal, criteria))).toEqual(["criterion-1", "criterion-2", "overall"]);
    expect(names(evaluationForm(compact, criteria))).toEqual(["criterion-1", "criterion-2", "overall"]);
    expect(scoreTexts(compact.overallScale)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    expect(scoreTexts(normal.criterionScale).slice(0, 4)).toEqual(["0", "0.5", "1", "1.5"]);
    expect(scoreTexts({ min: 0, max: 1, step: 0.1 })[3]).toBe("0.3");
    const text = fill(
      evaluationForm(compact, criteria),
      () => " good",
      () => 3,
      0,
    ).text;
    expect(text).toBe("1. Accuracy: good \\boxed{3}\n2. Style: good \\boxed{3}\nOverall: good \\boxed{3}");
  });

  it("parses to the chosen scores, whatever the free text and the terms are", () => {
    fc.assert(
      fc.property(
        given,
        fc.infiniteStream(words),
        fc.infiniteStream(fc.nat()),
        fc.nat(1),
        fc.oneof(words, fc.constant("the answer is \\boxed{5}. Overall: \\boxed{10}")),
        fc.boolean(),
        (terms, frees, options, others, response, withChoices) => {
          for (const pack of packs) {
            const criteria = givenCriteria(
              pack,
              terms.map((term) => ({ term, description: "" })),
            );
            const { text, choices } = fill(
              evaluationForm(pack, criteria),
              () => frees.next().value,
              () => options.next().value,
              others,
            );
            // Without the engine's choices, a response that boxes the same numbers leaves room for doubt.
            if (!withChoices && response.includes("\\boxed")) continue;
            const result = parseEvaluation(pack, {
              text,
              finishReason: "stop",
              criteria,
              response,
              ...(withChoices ? { choices } : {}),
            });
            if (!result.ok) throw new Error(`${result.detail}\n${text}`);
            const chosen = (name: string): number | undefined => {
              const choice = choices.find((entry) => entry.name === name);
              return choice === undefined ? undefined : Number(choice.chosen);
            };
            expect(result.evaluation.overall).toBe(chosen("overall"));
            expect(result.overallSpan.start).toBe(choices.at(-1)!.offset);
            const scores = result.evaluation.criterionScores.map((entry) => entry.score);
            expect(scores).toEqual(terms.map((_, index) => chosen(`criterion-${index + 1}`)));
            expect(result.evaluation.otherPoints?.score).toBe(chosen("other-points"));
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("implicit form", () => {
  it("parses to the chosen score", () => {
    fc.assert(
      fc.property(words, fc.nat(), (free, option) => {
        for (const pack of packs) {
          const { text, choices } = fill(
            implicitForm(pack),
            () => free,
            () => option,
            0,
          );
          const result = parseEvaluation(pack, { text, finishReason: "stop", response: "none" });
          if (!result.ok) throw new Error(`${result.detail}\n${text}`);
          expect(result.evaluation.overall).toBe(Number(choices[0]!.chosen));
          expect(scaleScores(pack.overallScale)).toContain(result.evaluation.overall);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("criteria form", () => {
  it("parses to the terms that were filled in", () => {
    fc.assert(
      fc.property(given, words, (terms, description) => {
        // What cannot stand in a term: its stops, and signs that are taken for emphasis around it.
        const plain = terms.map((term) => term.replace(/[*:\n\\`"_“”[\]–—-]/g, "").trim());
        fc.pre(plain.every((term) => /^[a-z]/i.test(term) && !term.endsWith(".")));
        fc.pre(new Set(plain.map(normaliseTerm)).size === plain.length);
        for (const pack of packs) {
          const padded = [
            ...plain,
            "Filler number one of the test",
            "Filler number two of the test",
            "Filler number three of the test",
          ];
          const pull = padded[Symbol.iterator]();
          const form = criteriaForm(pack);
          const { text } = fill(
            form,
            (part) => (part.name === "term" ? pull.next().value! : description),
            () => 0,
            3,
          );
          const result = parseCriteria(pack, text, "stop");
          if (!result.ok) throw new Error(text);
          const found = result.criteria.items.map((item) => item.term);
          expect(found).toEqual(padded.slice(0, 3).map((term) => term.replace(/\s+/g, " ")));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("has an analysis in the default pack only", () => {
    const first = packs.map((pack) => criteriaForm(pack).parts[0]);
    expect(first).toEqual([
      { kind: "fixed", text: "Analysis:" },
      { kind: "fixed", text: "[Start of Criteria]\n" },
    ]);
  });

  it("stops free text before a box, a line break and every marker", () => {
    for (const pack of packs) {
      const criteria = givenCriteria(pack, [{ term: "A", description: "" }]);
      const parts = [criteriaForm(pack), evaluationForm(pack, criteria), implicitForm(pack)].flatMap((form) =>
        form.parts.flatMap((part) => (part.kind === "repeat" ? part.parts : [part])),
      );
      for (const part of parts) {
        if (part.kind === "free") {
          expect(part.stop).toEqual(
            expect.arrayContaining(["\n", "\\boxed", "[End of Criteria]", "[End of Response]"]),
          );
        }
      }
    }
  });
});
