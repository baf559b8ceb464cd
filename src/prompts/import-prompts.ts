import { readFile } from "node:fs/promises";
import { InputError } from "../core/errors.ts";
import { escapeJinja } from "./escape-jinja.ts";
import { type CardBlock, findCardBlocks } from "./import-blocks.ts";
import { surroundingMarkers } from "./import-markers.ts";
import type { PackMarkers } from "./pack-metadata.ts";
import { type FoundSlot, findSlots, type Slot } from "./prompt-slots.ts";

/** One prompt as a Jinja template, and where it was found. */
export interface ImportedPrompt {
  template: string;
  file: string;
  firstLine: number;
  lastLine: number;
}

export interface ReadOptions {
  markers: PackMarkers;
  braces: "format" | "verbatim" | undefined;
  /** Take the lines around a place as its markers where the given markers are not there. */
  detect: boolean;
}

export interface ImportedPrompts {
  criteria: ImportedPrompt;
  evaluation: ImportedPrompt;
  markers: PackMarkers;
}

interface Candidate extends CardBlock {
  slots: FoundSlot[];
}

/** Picks the two prompts of a model card by what they contain: a place for the query, a place for the response. */
export async function findCardPrompts([file]: string[], options: ReadOptions): Promise<ImportedPrompts> {
  const blocks = findCardBlocks(await readText(file!)).map((block) => withSlots(block, options));
  const criteria = pick(file!, "criteria", blocks, options);
  const evaluation = pick(file!, "evaluation", blocks, options);
  return convert(file!, criteria, file!, evaluation, options);
}

/** Reads the two prompts from a text file each. */
export async function readPromptFiles(files: string[], options: ReadOptions): Promise<ImportedPrompts> {
  const [first, second] = await Promise.all(
    files.map(async (file): Promise<Candidate> => {
      const text = await readText(file);
      return withSlots({ text, firstLine: 1, lastLine: text.replace(/\n$/, "").split("\n").length }, options);
    }),
  );
  const check = (candidate: Candidate, file: string, slot: Slot, other: Slot): void => {
    const count = candidate.slots.filter((found) => found.slot === slot).length;
    if (count !== 1) {
      throw new InputError(`has ${count} places for the ${slot}, expected one, such as {${slot}}`, { file });
    }
    if (candidate.slots.some((found) => found.slot === other)) {
      throw new InputError(`has a place for the ${other}, which is not known in this turn`, { file });
    }
  };
  check(first!, files[0]!, "query", "response");
  check(second!, files[1]!, "response", "query");
  return convert(files[0]!, first!, files[1]!, second!, options);
}

function withSlots(block: CardBlock, { markers }: ReadOptions): Candidate {
  return { ...block, slots: findSlots(block.text, { query: markers.query, response: markers.response }) };
}

function pick(file: string, turn: "criteria" | "evaluation", blocks: Candidate[], options: ReadOptions): Candidate {
  const slot: Slot = turn === "criteria" ? "query" : "response";
  const fitting = blocks.filter((block) => block.slots.length === 1 && block.slots[0]!.slot === slot);
  // Code that fills a prompt in may show a place too; the prompt itself says how to answer.
  const sign = turn === "criteria" ? options.markers.criteria.start : "\\boxed";
  const telling = fitting.filter((block) => block.text.includes(sign));
  const chosen = telling.length > 0 ? telling : fitting;
  const distinct = chosen.filter((block, at) => chosen.findIndex((other) => other.text === block.text) === at);
  if (distinct.length === 1) return distinct[0]!;
  const expected = `one fenced block with one place for the ${slot}${turn === "criteria" ? " and none for a response" : " and none for the query"}`;
  const found = (distinct.length > 1 ? distinct : blocks).map(describe).join("; ");
  throw new InputError(
    distinct.length > 1
      ? `has ${distinct.length} blocks that could be the ${turn} prompt (${found}), expected ${expected}; save the right one to a text file and import two text files`
      : `has no ${turn} prompt, expected ${expected}; found ${found === "" ? "no fenced block" : found}; save both prompts to text files and import those`,
    { file },
  );
}

function describe(block: Candidate): string {
  const slots = block.slots.map((found) => found.slot);
  return `lines ${block.firstLine}-${block.lastLine} with ${slots.length === 0 ? "no place" : `places for ${slots.join(", ")}`}`;
}

function convert(
  criteriaFile: string,
  criteria: Candidate,
  evaluationFile: string,
  evaluation: Candidate,
  options: ReadOptions,
): ImportedPrompts {
  const markers = options.detect ? surroundingMarkers(options.markers, criteria, evaluation) : options.markers;
  const prompt = (candidate: Candidate, file: string): ImportedPrompt => ({
    template: toTemplate(candidate, options.braces),
    file,
    firstLine: candidate.firstLine,
    lastLine: candidate.lastLine,
  });
  return { criteria: prompt(criteria, criteriaFile), evaluation: prompt(evaluation, evaluationFile), markers };
}

function toTemplate({ text, slots }: Candidate, braces: ReadOptions["braces"]): string {
  const slot = slots[0]!;
  const before = text.slice(0, slot.start);
  const after = text.slice(slot.end);
  const isFormat = braces === undefined ? slot.singleBraces && isFormatString(before, after) : braces === "format";
  const plain = (part: string): string => (isFormat ? part.replaceAll("{{", "{").replaceAll("}}", "}") : part);
  const head = escapeJinja(plain(before), { beforeExpression: true });
  // Jinja drops one line break at the end of a template.
  return `${head}{{ ${slot.slot} }}${escapeJinja(plain(after), { beforeExpression: false })}\n`;
}

/** Whether every brace is doubled, and there is one: then the text was written for Python's `str.format`. */
function isFormatString(before: string, after: string): boolean {
  const text = `${before}\n${after}`;
  return /\{\{|\}\}/.test(text) && !/[{}]/.test(text.replace(/\{\{|\}\}/g, ""));
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new InputError(`cannot be read: ${(cause as Error).message}`, { file });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch {
    throw new InputError("is not UTF-8 text", { file });
  }
}
