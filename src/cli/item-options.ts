import { access, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Command, Option } from "commander";
import { InputError } from "../core/errors.ts";
import type { RowFormat } from "../data/format.ts";
import type { ItemResult } from "../data/item.ts";
import { readItems } from "../data/read-items.ts";
import type { ItemColumns } from "../data/select-columns.ts";
import { collect, integer } from "./option-values.ts";

export interface ItemFlags {
  query?: string;
  response?: string[];
  criterion?: string[];
  criteriaFile?: string;
  format?: RowFormat;
  idColumn?: string;
  queryColumn?: string;
  messagesColumn?: string;
  responseColumn?: string[];
  responsesColumn?: string;
  criteriaColumn?: string;
  maxResponseChars?: number;
  limit?: number;
  out?: string;
  retryFailed?: boolean;
  json?: boolean;
  text?: boolean;
}

/** Adds the options for what goes in and what comes out. */
export function addItemOptions(command: Command, options: { responses: boolean }): Command {
  command
    .argument("[file]", "items as JSON Lines, JSON, CSV or Parquet (also .gz); - or nothing for standard input")
    .optionsGroup("Input and output:")
    .option("--query <text>", "a query, instead of a file");
  if (options.responses) {
    command
      .option("--response <text>", "a response to --query; repeat for several", collect)
      .option(
        "--criterion <text>",
        'use this criterion, "Term: description", instead of generated ones; repeat',
        collect,
      )
      .option("--criteria-file <file>", "use the criteria of this text file instead of generated ones");
  }
  command
    .option("--out <file>", "write results (JSON Lines) to a file; the same command continues it")
    .option("--retry-failed", "with --out: do again what an earlier run could not score because the engine failed")
    .option("--json", "JSON Lines on standard output even in a terminal")
    .option("--text", "text for people even where standard output is no terminal")
    .option("--limit <n>", "only the first items", integer(1))
    .addOption(
      new Option("--format <name>", "format of the input (default: by its name)").choices([
        "jsonl",
        "json",
        "csv",
        "parquet",
      ]),
    )
    .option("--id-column <name>", "CSV, Parquet: column of the id")
    .option("--query-column <name>", "column of the query")
    .option("--messages-column <name>", "column of the conversation");
  if (options.responses) {
    command
      .option("--response-column <name>", "column of a response; repeat for several", collect)
      .option("--responses-column <name>", "column of a list of responses (in CSV written as JSON)")
      .option("--criteria-column <name>", "column of criteria")
      .option("--max-response-chars <n>", "longest response in characters (default: 1048576)", integer(1));
  }
  return command;
}

/** Refuses input that cannot be meant (`InputError`), before a model is opened for it. */
export async function checkItemFlags(
  file: string | undefined,
  flags: ItemFlags,
  options: { queryOnly: boolean; stdinIsTerminal: boolean },
): Promise<void> {
  if (flags.retryFailed && flags.out === undefined)
    throw new InputError("--retry-failed is about an earlier run's results: name their file with --out", {
      field: "out",
    });
  if (flags.responseColumn !== undefined && flags.responsesColumn !== undefined)
    throw new InputError("give --response-column or --responses-column, not both", { field: "responses-column" });
  if (flags.query !== undefined) {
    if (file !== undefined) throw new InputError("give a file or --query, not both", { field: "query" });
    if (!options.queryOnly && flags.response === undefined)
      throw new InputError("--query needs at least one --response", { field: "response" });
    if (namedColumns(flags) !== undefined || flags.format !== undefined)
      throw new InputError("--format and the --...-column options are for files, not for --query", { field: "query" });
    return;
  }
  if (flags.response !== undefined) throw new InputError("--response needs --query", { field: "query" });
  if (file === undefined && options.stdinIsTerminal)
    throw new InputError("no items: give a file, --query, or items on standard input (see --help for an example)");
  if (file !== undefined && file !== "-")
    await access(file).catch((error: unknown) => {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      throw new InputError(missing ? "no such file" : `cannot be read: ${(error as Error).message}`, { file });
    });
}

/** The items a command works on: those of the file, of standard input, or the one on the command line. */
export async function* commandItems(
  file: string | undefined,
  flags: ItemFlags,
  options: { queryOnly: boolean; signal: AbortSignal },
): AsyncGenerator<ItemResult> {
  let left = flags.limit ?? Number.POSITIVE_INFINITY;
  for await (const result of source(file, flags, options)) {
    yield result;
    // Before the next read: standard input may have nothing more to say for long.
    if (result.ok && --left <= 0) return;
  }
}

function source(
  file: string | undefined,
  flags: ItemFlags,
  { queryOnly, signal }: { queryOnly: boolean; signal: AbortSignal },
): AsyncIterable<ItemResult> {
  if (flags.query !== undefined) {
    const row = { id: "query", query: flags.query, responses: flags.response };
    return readItems(Readable.from([Buffer.from(JSON.stringify(row))]), {
      name: "command line",
      format: "jsonl",
      queryOnly,
      signal,
    });
  }
  const columns = namedColumns(flags);
  return readItems(file ?? "-", {
    queryOnly,
    signal,
    columns,
    format: flags.format,
    maxResponseCharacters: flags.maxResponseChars,
  });
}

/** The criteria given for all items, if any. */
export async function givenCriteriaText(flags: ItemFlags): Promise<string | string[] | undefined> {
  if (flags.criterion !== undefined && flags.criteriaFile !== undefined)
    throw new InputError("give --criterion or --criteria-file, not both", { field: "criteria-file" });
  if (flags.criteriaFile === undefined) return flags.criterion;
  return readFile(flags.criteriaFile, "utf8").catch((error: unknown) => {
    throw new InputError(`cannot be read: ${(error as Error).message}`, { file: flags.criteriaFile });
  });
}

function namedColumns(flags: ItemFlags): ItemColumns | undefined {
  const { idColumn, queryColumn, messagesColumn, responseColumn, responsesColumn, criteriaColumn } = flags;
  const columns: ItemColumns = {
    id: idColumn,
    query: queryColumn,
    messages: messagesColumn,
    responses: responsesColumn ?? responseColumn,
    criteria: criteriaColumn,
  };
  return Object.values(columns).some((name) => name !== undefined) ? columns : undefined;
}
