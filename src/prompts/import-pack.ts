import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../core/errors.ts";
import { findCardPrompts, type ImportedPrompt, readPromptFiles } from "./import-prompts.ts";
import { bundledDirectory, listPacks } from "./list-packs.ts";
import { readPack } from "./load-pack.ts";
import type { Pack, TemplateName } from "./pack.ts";
import { type PackMetadata, packMetadataSchema } from "./pack-metadata.ts";

/** Metadata an import may set; what is left out is as in the default pack, which has the values of the paper. */
export type ImportMetadata = Partial<
  Pick<PackMetadata, "criterionScale" | "overallScale" | "limits" | "markers" | "headings" | "form">
>;

export interface ImportOptions {
  /** A model card (Markdown with both prompts), or a text file for each turn. */
  source: { card: string } | { criteria: string; evaluation: string };
  /** Folder of the user's packs; made if it is missing. */
  userDirectory: string;
  /** Name of the new pack. */
  name: string;
  /** Default `"1"`. */
  version?: string;
  /** Default: names the source. */
  description?: string;
  metadata?: ImportMetadata;
  /**
   * Whether doubled braces mean single ones, as in a Python format string. Default: they do where the place for the
   * text is written `{query}` and every other brace is doubled.
   */
  braces?: "format" | "verbatim";
  /** Replace a pack of that name. Default: refuse. */
  force?: boolean;
}

export interface ImportedPack {
  pack: Pack;
  /** Where the two prompts were found; lines count from 1. */
  found: Record<"criteria" | "evaluation", { file: string; firstLine: number; lastLine: number }>;
  /** Templates taken from the default pack, because the import has none for their modes. */
  borrowed: TemplateName[];
}

const borrowed: TemplateName[] = ["per-response", "implicit"];

/**
 * Makes a user's pack of a released checkpoint's prompts (`cerm prompts import`). The prompts' text is kept, line ends
 * as `\n`. The pack appears complete or not at all. Throws `InputError` where a prompt is missing or ambiguous, the
 * result would not be a valid pack, or the name is taken.
 */
export async function importPack(options: ImportOptions): Promise<ImportedPack> {
  const base = await readPack(join(bundledDirectory, "default"));
  const files = Object.values(options.source);
  const metadata = await buildMetadata(options, base, files);
  const target = join(options.userDirectory, metadata.name);
  const exists = await stat(target).then(
    () => true,
    () => false,
  );
  if (exists && options.force !== true) {
    throw new InputError(
      `there is a pack "${metadata.name}" already; choose another name, or replace it with force (--force)`,
      {
        file: target,
      },
    );
  }
  const isCard = "card" in options.source;
  const read = isCard ? findCardPrompts : readPromptFiles;
  const prompts = await read(files, {
    markers: metadata.markers,
    braces: options.braces,
    detect: options.metadata?.markers === undefined,
  });
  const complete = parseMetadata({ ...metadata, markers: prompts.markers });

  await mkdir(options.userDirectory, { recursive: true });
  const draft = await mkdtemp(join(options.userDirectory, `.${metadata.name}-`));
  try {
    await writeFile(join(draft, "pack.json"), `${JSON.stringify(complete, undefined, 2)}\n`);
    await writeFile(join(draft, "criteria.jinja"), prompts.criteria.template);
    await writeFile(join(draft, "evaluation.jinja"), prompts.evaluation.template);
    for (const name of borrowed) await writeFile(join(draft, `${name}.jinja`), base.templates[name].source);
    await readPack(draft).catch((error: unknown) => {
      throw error instanceof InputError
        ? new InputError(withoutDraft(error.message, draft), { file: files.join(", ") })
        : error;
    });
    await replace(draft, target, exists);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return {
    pack: await readPack(target),
    found: { criteria: place(prompts.criteria), evaluation: place(prompts.evaluation) },
    borrowed,
  };
}

async function buildMetadata(options: ImportOptions, base: Pack, files: string[]): Promise<PackMetadata> {
  const { criterionScale, overallScale, limits, markers, headings, form } = base;
  const metadata = parseMetadata({
    name: options.name,
    version: options.version ?? "1",
    description: options.description ?? `Imported from ${files.map((file) => basename(file)).join(" and ")}.`,
    ...{ criterionScale, overallScale, limits, markers, headings, form },
    ...options.metadata,
    origin: { files: files.map((file) => basename(file)), borrowed: { pack: base.identity, templates: borrowed } },
  });
  if ((await listPacks()).some((entry) => entry.name === metadata.name)) {
    throw new InputError(`"${metadata.name}" is a bundled pack; choose another name`, { field: "name" });
  }
  return metadata;
}

function parseMetadata(value: unknown): PackMetadata {
  const result = packMetadataSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InputError(issue.message, { field: issue.path.join(".") || undefined });
}

async function replace(draft: string, target: string, exists: boolean): Promise<void> {
  if (!exists) return rename(draft, target);
  // A folder cannot be renamed over another one: the old one steps aside first, and comes back if that fails.
  const aside = `${draft}-old`;
  await rename(target, aside);
  try {
    await rename(draft, target);
  } catch (error) {
    await rename(aside, target);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

function withoutDraft(message: string, draft: string): string {
  return `the imported pack would not be valid: ${message.replaceAll(`${draft}/`, "").replaceAll(draft, "")}`;
}

function place(prompt: ImportedPrompt): { file: string; firstLine: number; lastLine: number } {
  return { file: prompt.file, firstLine: prompt.firstLine, lastLine: prompt.lastLine };
}
