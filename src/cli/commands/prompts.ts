import { basename, extname } from "node:path";
import type { Command } from "commander";
import { InputError } from "../../core/errors.ts";
import { userPacksDirectory } from "../../judge/open-judge.ts";
import { importPack } from "../../prompts/import-pack.ts";
import { listPacks } from "../../prompts/list-packs.ts";
import { loadPack } from "../../prompts/load-pack.ts";
import { type TemplateName, templateNames } from "../../prompts/pack.ts";
import type { CommandContext } from "../context.ts";
import { integer } from "../option-values.ts";
import { formatTable } from "../table.ts";

interface ImportFlags {
  name?: string;
  version?: string;
  criteriaTokens?: number;
  evaluationTokens?: number;
  braces?: "format" | "verbatim";
  force?: boolean;
}

/** `cerm prompts list|show|import`. */
export function addPromptsCommand(program: Command, context: CommandContext): void {
  const prompts = program
    .command("prompts")
    .summary("prompt packs: what a judge is asked")
    .description("Prompt packs: what a judge is asked, and how its answer is laid out.");
  prompts
    .command("list")
    .description("Lists the prompt packs.")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ cerm prompts list")
    .action((flags: { json?: boolean }) => context.run(() => list(flags, context)));
  prompts
    .command("show")
    .description("Shows a pack's templates.")
    .argument("<pack>", "name or folder")
    .argument("[template]", `one of ${templateNames.join(", ")} (default: all)`)
    .addHelpText("after", "\nExample:\n  $ cerm prompts show compact evaluation")
    .action((pack: string, template: string | undefined) => context.run(() => show(pack, template, context)));
  prompts
    .command("import")
    .description(
      "Makes a pack of the prompts of a released checkpoint: from its model card (Markdown with both prompts in fenced blocks), or from a text file for each turn.",
    )
    .argument("<file>", "model card, or the prompt of turn 1")
    .argument("[evaluation-file]", "the prompt of turn 2")
    .option("--name <name>", "name of the pack (default: the file's)")
    .option("--pack-version <version>", "version of the pack (default: 1)")
    .option("--criteria-tokens <n>", "limit of turn 1 (default: 4096)", integer(1))
    .option("--evaluation-tokens <n>", "limit of turn 2 (default: 8192)", integer(1))
    .option(
      "--braces <how>",
      "format: doubled braces mean single ones, as in Python; verbatim: they stay (default: told by the text)",
    )
    .option("--force", "replace a pack of that name")
    .addHelpText(
      "after",
      "\nExample:\n  $ cerm prompts import README.md --name ce-rm-4b\n  $ cerm judge items.jsonl --base-url http://localhost:8000 --pack ce-rm-4b --no-guided",
    )
    .action((file: string, evaluation: string | undefined, flags: ImportFlags & { packVersion?: string }) =>
      context.run(() => importFiles(file, evaluation, { ...flags, version: flags.packVersion }, context)),
    );
}

async function list(flags: { json?: boolean }, { terminal }: CommandContext): Promise<number> {
  const entries = await listPacks({ userDirectory: userPacksDirectory() });
  const packs: { name: string; version: string; source: string; directory: string; description: string }[] = [];
  for (const { name, source, directory } of entries) {
    try {
      const { version, description } = await loadPack(directory);
      packs.push({ name, version, source, directory, description });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      terminal.note(`warning: ${error.message}`);
    }
  }
  if (flags.json) await terminal.print(JSON.stringify(packs));
  else
    await terminal.print(
      formatTable(
        ["NAME", "VERSION", "SOURCE", "WHAT FOR"],
        packs.map(({ name, version, source, description }) => [name, version, source, description]),
      ),
    );
  return 0;
}

async function show(name: string, template: string | undefined, { terminal }: CommandContext): Promise<number> {
  const pack = await loadPack(name, { userDirectory: userPacksDirectory() });
  if (template !== undefined && !templateNames.includes(template as TemplateName))
    throw new InputError(`there is no template "${template}"; expected one of ${templateNames.join(", ")}`, {
      field: "template",
    });
  const shown = template === undefined ? templateNames : [template as TemplateName];
  if (template === undefined) await terminal.print(`${pack.identity}\n${pack.description}\n`);
  for (const each of shown) {
    if (template === undefined) await terminal.print(terminal.style("bold", `--- ${each} ---`));
    await terminal.print(pack.templates[each].source.trimEnd());
  }
  return 0;
}

async function importFiles(
  file: string,
  evaluation: string | undefined,
  flags: ImportFlags,
  { terminal }: CommandContext,
): Promise<number> {
  if (flags.braces !== undefined && flags.braces !== "format" && flags.braces !== "verbatim")
    throw new InputError(`got "${flags.braces}", expected format or verbatim`, { field: "braces" });
  const defaults = (await loadPack("default")).limits;
  const limits = {
    criteria: flags.criteriaTokens ?? defaults.criteria,
    evaluation: flags.evaluationTokens ?? defaults.evaluation,
  };
  const { pack, found, borrowed } = await importPack({
    source: evaluation === undefined ? { card: file } : { criteria: file, evaluation },
    userDirectory: userPacksDirectory(),
    name: flags.name ?? basename(file, extname(file)).toLowerCase(),
    version: flags.version,
    metadata: { limits },
    braces: flags.braces,
    force: flags.force,
  });
  for (const [turn, place] of Object.entries(found))
    await terminal.print(`${turn}: ${place.file}, lines ${place.firstLine}-${place.lastLine}`);
  await terminal.print(`from the default pack: ${borrowed.join(", ")}`);
  await terminal.print(`${pack.identity} in ${pack.directory}\nuse it with --pack ${pack.name}`);
  return 0;
}
