import { access, readFile } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { Template } from "@huggingface/jinja";
import { InputError } from "../core/errors.ts";
import { stableHash } from "../core/hash.ts";
import { checkTemplates } from "./check-templates.ts";
import { bundledDirectory, listPacks } from "./list-packs.ts";
import { type Pack, type PackTemplate, type TemplateName, templateNames } from "./pack.ts";
import { type PackMetadata, packMetadataSchema } from "./pack-metadata.ts";

/** Where a user's own packs are looked for, besides the bundled ones. */
export interface PackLocations {
  /** Folder with a folder per pack. Default: none. */
  userDirectory?: string;
}

/**
 * Reads a prompt pack by name (bundled ones first, then those in `userDirectory`) or from a directory; a path is told by
 * a slash or a leading dot. Throws `InputError` with file and field for an unknown or a bad pack.
 */
export async function loadPack(nameOrDirectory: string, locations: PackLocations = {}): Promise<Pack> {
  if (isAbsolute(nameOrDirectory) || /^\.|[\\/]/.test(nameOrDirectory)) return readPack(resolve(nameOrDirectory));
  const known = await listPacks(locations);
  const found = known.find((entry) => entry.name === nameOrDirectory);
  if (found === undefined) {
    const names = known.map((entry) => entry.name).join(", ");
    throw new InputError(
      `no prompt pack is called "${nameOrDirectory}"; there are ${names}; for a directory write a path such as ./${nameOrDirectory}`,
    );
  }
  return readPack(found.directory);
}

/** Reads and checks the pack in one directory. */
export async function readPack(directory: string): Promise<Pack> {
  const metadata = await readMetadata(join(directory, "pack.json"));
  const entries = await Promise.all(
    templateNames.map(
      async (name): Promise<[TemplateName, PackTemplate]> => [name, await readTemplate(directory, name)],
    ),
  );
  const templates = Object.fromEntries(entries) as Record<TemplateName, PackTemplate>;
  const own = entries.filter(([, template]) => template.borrowed !== true);
  const sources = Object.fromEntries(own.map(([name, template]) => [name, template.source]));
  const hash = stableHash({ metadata, sources }).slice(0, 12);
  const pack: Pack = { ...metadata, directory, templates, identity: `${metadata.name}@${metadata.version}#${hash}` };
  checkTemplates(pack);
  return pack;
}

/** A template of a pack. One without `pairwise`, which came later than the others, borrows the default pack's. */
async function readTemplate(directory: string, name: TemplateName): Promise<PackTemplate> {
  const own = join(directory, `${name}.jinja`);
  const borrowed = name === "pairwise" && !(await exists(own));
  const file = borrowed ? join(bundledDirectory, "default", `${name}.jinja`) : own;
  const source = await readText(file, "a prompt pack needs this template");
  return { file, source, compiled: compile(file, source), ...(borrowed ? { borrowed } : {}) };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== "ENOENT",
  );
}

async function readMetadata(file: string): Promise<PackMetadata> {
  const text = await readText(file, "a prompt pack needs this file");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new InputError(`is not JSON: ${(cause as Error).message}`, { file });
  }
  const result = packMetadataSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InputError(issue.message, { file, field: issue.path.join(".") || undefined });
}

async function readText(file: string, need: string): Promise<string> {
  try {
    // Git on Windows may have changed the line ends; the same pack must ask the same everywhere.
    return (await readFile(file, "utf8")).replace(/\r\n/g, "\n");
  } catch (cause) {
    throw new InputError(`cannot be read (${(cause as Error).message}); ${need}`, { file });
  }
}

function compile(file: string, source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw new InputError(`is not a valid Jinja template: ${(cause as Error).message}`, { file });
  }
}
