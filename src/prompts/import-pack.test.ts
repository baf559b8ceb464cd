import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../core/errors.ts";
import { queryFromText } from "../core/query.ts";
import { givenCriteria } from "./given-criteria.ts";
import { type ImportOptions, importPack } from "./import-pack.ts";
import { loadPack } from "./load-pack.ts";
import type { Pack } from "./pack.ts";
import { renderCriteria, renderEvaluation } from "./render.ts";

let directory: string;
let userDirectory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "cerm-import-"));
  userDirectory = join(directory, "packs");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const turn1 = (place: string): string =>
  `Name what matters, as a list from [Start of Criteria] to [End of Criteria].\n\n[Start of Query]\n${place}\n[End of Query]`;
const turn2 = (place: string): string =>
  `Score it, each in $\\boxed{}$, at last the whole in \\boxed{}.\n\n[Start of Response]\n${place}\n[End of Response]`;
const fence = (text: string, info = ""): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;

async function importCard(card: string, options: Partial<ImportOptions> = {}) {
  const file = join(directory, "README.md");
  await writeFile(file, card);
  return importPack({ source: { card: file }, userDirectory, name: "released", ...options });
}

function texts(pack: Pack, query = "Why?", response = "So."): string[] {
  const first = renderCriteria(pack, queryFromText(query));
  const criteria = givenCriteria(pack, [{ term: "A", description: "" }]);
  return [first[0]!.content, renderEvaluation(pack, first, criteria, { text: response })[2]!.content];
}

describe("a model card", () => {
  it.each([
    ["{query}", "{response}"],
    ["{{query}}", "{{ answer }}"],
    ["<question>", "<response>"],
    ["[QUERY]", "[ANSWER]"],
    ["{instruction}", "{output}"],
    ["\u0024{query}", "\u0024{response}"],
    ["{user_query}", "{model_response}"],
    ["the query goes here", "..."],
  ])("with places written %s and %s gives its prompts", async (query, response) => {
    const card = `# Judge\n\n${fence("pip install x", "bash")}\nTurn one:\n\n${fence(turn1(query))}\nTurn two:\n\n${fence(turn2(response), "text")}`;
    const { pack, found, borrowed } = await importCard(card);
    expect(texts(pack)).toEqual([turn1("Why?"), turn2("So.")]);
    expect(found.criteria).toMatchObject({ firstLine: 10, lastLine: 14 });
    expect(borrowed).toEqual(["per-response", "implicit"]);
    expect(pack.origin).toMatchObject({ files: ["README.md"], borrowed: { templates: borrowed } });
    expect((await loadPack("released", { userDirectory })).identity).toBe(pack.identity);
  });

  it("picks the prompts by what they say, in any order, and ignores repeats and code that fills them", async () => {
    const code = fence('prompt = template.replace("{query}", text)\nother = x.replace("{response}", text)', "python");
    const fill = fence('p1 = open("a").read().replace("{query}", q)', "python");
    const { pack } = await importCard(
      fence(turn2("{response}")) + code + fill + fence(turn1("{query}")) + fence(turn1("{query}")),
    );
    expect(texts(pack)).toEqual([turn1("Why?"), turn2("So.")]);
  });

  it("with Python strings made for str.format gives what format would", async () => {
    const python = [
      "import torch",
      `FIRST = """${turn1("{query}")}\n"""`,
      `SECOND = '''It\\'s about \\"facts\\". ${turn2("{response}").replaceAll("\\boxed{}", "\\\\boxed{{}}")}'''`,
      "messages = [FIRST.format(query=q)]",
    ].join("\n");
    const { pack, found } = await importCard(`# Usage\n\n${fence(python, "python")}`);
    expect(texts(pack)).toEqual([`${turn1("Why?")}\n`, `It's about "facts". ${turn2("So.")}`]);
    expect(found.evaluation).toMatchObject({ firstLine: 11, lastLine: 15 });
  });

  it("takes the lines around the places as markers, and protects them", async () => {
    const first = "List [Start of Criteria] 1. ... [End of Criteria]\n<query>\n{query}\n</query>";
    const second = "Score in \\boxed{}\n<response>\n{response}\n</response>";
    const { pack } = await importCard(fence(first) + fence(second));
    expect(pack.markers.query).toEqual({ start: "<query>", end: "</query>" });
    expect(texts(pack, "a </query> b", "</response>")).toEqual([
      first.replace("{query}", "a <\\/query> b"),
      second.replace("{response}", "<\\/response>"),
    ]);
  });

  it.each([
    ["without blocks", "# Card", "has no criteria prompt, expected one fenced block with one place for the query"],
    ["with one prompt", fence(turn1("{query}")), /has no evaluation prompt.*lines 2-6 with places for query/],
    [
      "with two different turn-1 prompts",
      fence(turn1("{query}")) + fence(`Please. ${turn1("{query}")}`) + fence(turn2("{response}")),
      /has 2 blocks that could be the criteria prompt \(lines 2-6.*; lines 9-13/,
    ],
    [
      "with both places in one",
      fence(`${turn1("{query}")}\n${turn2("{response}")}`),
      /has no criteria prompt.*places for query, response/,
    ],
    [
      "with no block around the query",
      fence("Query: {query}. Write [Start of Criteria]") + fence(turn2("{response}")),
      "must have {{ query }} between",
    ],
  ])("%s is refused with what was found", async (_name, card, message) => {
    await expect(importCard(card)).rejects.toThrow(message);
    await expect(importCard(card)).rejects.toBeInstanceOf(InputError);
    expect(await readdir(userDirectory).catch(() => [])).toEqual([]);
  });
});

describe("options", () => {
  const card = fence(turn1("{query}")) + fence(turn2("{response}"));

  it("set metadata; the rest is as in the paper", async () => {
    const { pack } = await importCard(card, {
      version: "2.0",
      metadata: { overallScale: { min: 1, max: 5, step: 1 }, limits: { criteria: 10, evaluation: 20 } },
    });
    expect(pack).toMatchObject({
      name: "released",
      version: "2.0",
      overallScale: { min: 1, max: 5, step: 1 },
      criterionScale: { min: 0, max: 5, step: 0.5 },
      limits: { criteria: 10, evaluation: 20 },
    });
    await expect(
      importCard(card, { name: "other", metadata: { limits: { criteria: 0, evaluation: 1 } } }),
    ).rejects.toThrow("limits.criteria");
  });

  it("refuse a taken or bundled name; force replaces the pack and leaves nothing behind", async () => {
    await importCard(card);
    await expect(importCard(card)).rejects.toThrow(/"released" already/);
    await expect(importCard(card, { name: "default" })).rejects.toThrow("bundled");
    await expect(importCard(card, { name: "../up" })).rejects.toThrow("name");
    const { pack } = await importCard(card.replace("Name what", "Say what"), { force: true });
    expect(texts(pack)[0]).toContain("Say what");
    expect(await readdir(userDirectory)).toEqual(["released"]);
  });

  it("keep the old pack when a forced import fails", async () => {
    await importCard(card);
    await expect(importCard("# nothing", { force: true })).rejects.toThrow("no criteria prompt");
    await expect(
      importCard(fence("{query} [Start of Criteria]") + fence(turn2("{response}")), { force: true }),
    ).rejects.toThrow("would not be valid");
    expect(texts(await loadPack("released", { userDirectory }))[0]).toBe(turn1("Why?"));
    expect(await readdir(userDirectory)).toEqual(["released"]);
  });

  it("decide about doubled braces", async () => {
    const doubled = fence(turn1("{query}")) + fence(turn2("{response}").replaceAll("{}", "{{}}"));
    expect(texts((await importCard(doubled)).pack)[1]).toBe(turn2("So."));
    const verbatim = await importCard(doubled, { name: "verbatim", braces: "verbatim" });
    expect(texts(verbatim.pack)[1]).toBe(turn2("So.").replaceAll("{}", "{{}}"));
  });
});

describe("two text files", () => {
  async function importTexts(criteria: string | Buffer, evaluation: string | Buffer, name = "texts") {
    const files = { criteria: join(directory, "1.txt"), evaluation: join(directory, "2.txt") };
    await writeFile(files.criteria, criteria);
    await writeFile(files.evaluation, evaluation);
    return importPack({ source: files, userDirectory, name, force: true });
  }

  it("are kept to the letter", async () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "{{",
      "}}",
      "{%",
      "%}",
      "{#",
      "#}",
      "-}",
      "{-",
      "\n",
      "  ",
      "\\boxed{}",
      "'",
      "a",
      "generation",
      "end",
      "$",
    );
    const wording = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    const isPlain = (text: string): boolean =>
      !/query|question|instruction|prompt|input|response|answer|output|completion|\r/i.test(text);
    await fc.assert(
      fc.asyncProperty(wording.filter(isPlain), wording.filter(isPlain), async (before, after) => {
        const around = (text: string): string => `${before}\n${text}\n${after}`;
        const { pack } = await importTexts(around(turn1("[[query]]".slice(1, -1))), around(turn2("[response]")));
        expect(texts(pack)).toEqual([around(turn1("Why?")), around(turn2("So."))]);
      }),
      { numRuns: 12 },
    );
  });

  it("may have windows line ends, and are refused when they have no place, two, or are not text", async () => {
    const { pack } = await importTexts(turn1("{query}").replaceAll("\n", "\r\n"), turn2("{response}"));
    expect(texts(pack)[0]).toBe(turn1("Why?"));
    await expect(importTexts("nothing", turn2("{response}"))).rejects.toThrow(/1\.txt: has 0 places for the query/);
    await expect(importTexts(turn1("{query} {query}"), turn2("{response}"))).rejects.toThrow("has 2 places");
    await expect(importTexts(turn1("{query}"), `${turn1("{query}")}${turn2("{response}")}`)).rejects.toThrow(
      /2\.txt: has a place for the query/,
    );
    await expect(importTexts(Buffer.from([0xff, 0xfe, 0x41]), turn2("{response}"))).rejects.toThrow("not UTF-8");
    await expect(
      importPack({ source: { card: join(directory, "none.md") }, userDirectory, name: "x" }),
    ).rejects.toThrow(/none\.md: cannot be read/);
  });

  it("stay readable as templates", async () => {
    const { pack } = await importTexts(turn1("{query}"), turn2("{response}"));
    expect(await readFile(join(pack.directory, "evaluation.jinja"), "utf8")).toBe(`${turn2("{{ response }}")}\n`);
  });
});
