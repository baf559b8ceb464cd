import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { evaluationText, responseOf, type turnOf } from "../../../test/fake-engine.ts";
import { runCli } from "../../../test/run-cli.ts";
import { templateNames } from "../../prompts/pack.ts";

const home = cliHome();
const card = `# A judge

Turn 1:

\`\`\`text
Write criteria for the query, between [Start of Criteria] and [End of Criteria].

[Start of Query]
{query}
[End of Query]
\`\`\`

Turn 2:

\`\`\`text
Evaluate the response by the criteria; every score in \\boxed{{}}.

[Start of Response]
{response}
[End of Response]
\`\`\`
`;

test("list shows the packs that come with the program, for people and as JSON", async () => {
  const { code, out } = await runCli(["prompts", "list"]);
  expect(code).toBe(0);
  expect(out[0]).toMatch(/^NAME +VERSION +SOURCE +WHAT FOR\ncompact +1 +bundled.*\ndefault +\d+ +bundled/);
  const json = (await runCli(["prompts", "list", "--json"])).json();
  expect(json[0]).toMatchObject([{ name: "compact", source: "bundled" }, { name: "default" }]);
});

test("show prints templates as they are, one or all", async () => {
  const one = await runCli(["prompts", "show", "compact", "evaluation"]);
  expect(one.out).toHaveLength(1);
  expect(one.out[0]).toContain("{{ response }}");
  const all = await runCli(["prompts", "show", "compact"]);
  expect(all.out[0]).toMatch(/^compact@1#/);
  expect(all.out.filter((line) => line.startsWith("--- "))).toEqual(templateNames.map((name) => `--- ${name} ---`));
  const unknown = await runCli(["prompts", "show", "compact", "turn3"]);
  expect(unknown).toMatchObject({
    code: 2,
    notes: [expect.stringContaining('template: there is no template "turn3"')],
  });
  const missing = await runCli(["prompts", "show", "no-such-pack"]);
  expect(missing).toMatchObject({ code: 2, notes: [expect.stringContaining('"no-such-pack"')] });
});

test("import makes a pack of a model card that judge can use; a pack of that name is kept unless forced", async () => {
  const file = await home.file("README.md", card);
  const imported = await runCli(["prompts", "import", file, "--name", "imported"]);
  expect(imported.notes).toEqual([]);
  expect(imported.code).toBe(0);
  expect(imported.out.join("\n")).toMatch(/criteria: .*README\.md, lines \d+-\d+/);
  expect(imported.out.at(-1)).toContain("use it with --pack imported");
  const stub = await home.stub({
    keepRequests: true,
    reply: (body) => {
      const request = body as Parameters<typeof turnOf>[0];
      return responseOf(request) === undefined ? undefined : evaluationText([], 6);
    },
  });
  const judged = await runCli([
    "judge",
    "--query",
    "Why?",
    "--response",
    "x",
    "--pack",
    "imported",
    "--base-url",
    stub.url,
  ]);
  const firsts = stub.requests.flatMap(({ body }) => body?.messages[0] ?? []);
  expect(firsts.some(({ content }) => content.startsWith("Write criteria for the query"))).toBe(true);
  expect(judged.json()[0]).toHaveProperty("pack", expect.stringMatching(/^imported@1#/));
  const again = await runCli(["prompts", "import", file, "--name", "imported"]);
  expect(again.code).toBe(2);
  expect((await runCli(["prompts", "import", file, "--name", "imported", "--force"])).code).toBe(0);
});

test("a broken pack of the user's is a warning, not the end of the list", async () => {
  const folder = join(home.path, "home", "packs", "broken");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "pack.json"), "{");
  const { code, out, notes } = await runCli(["prompts", "list"]);
  expect(code).toBe(0);
  expect(out[0]).toContain("default");
  expect(notes).toEqual([expect.stringMatching(/^warning: .*broken.pack\.json/)]);
});
