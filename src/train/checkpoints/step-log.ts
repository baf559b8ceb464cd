import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { InputError } from "../../core/errors.ts";
import { AppendFile } from "../../data/append-file.ts";
import { splitLines } from "../../data/split-lines.ts";

/** A line of a step log: the optimiser steps done, and what there is to say about the last of them. */
export type StepLine = { step: number } & Record<string, unknown>;

/** JSON Lines about steps, ascending, any number of lines a step. */
export interface StepLog {
  /** Resolves when the line is safe on disk. Rejects with `CermError` `output-failed`. */
  append(line: StepLine): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a step log for appending, made where it is missing. Lines after `keepThrough`, which is the step that training
 * goes on from (undefined: the beginning), are cut off, as is a line that a kill left unfinished: the steps will be done
 * again, and each step stands in the file once. Throws `InputError` for a line without a step.
 */
export async function openStepLog(path: string, keepThrough: number | undefined): Promise<StepLog> {
  const handle = await open(path, "a+").then(async (made) => {
    await made.close();
    return await open(path, "r+");
  });
  try {
    const size = await keptSize(path, keepThrough ?? -1);
    await handle.truncate(size);
    const file = new AppendFile(path, handle, { size, syncMilliseconds: 0 });
    return { append: (line) => file.append(JSON.stringify(line)), close: () => file.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Bytes of the whole lines up to and with a step. */
async function keptSize(path: string, keepThrough: number): Promise<number> {
  const { size } = await stat(path);
  for await (const { bytes, line, offset } of splitLines(createReadStream(path), { maxBytes: size })) {
    // The last line has no line end where a kill cut it off.
    const isWhole = offset + bytes!.length < size;
    if (!isWhole || stepOf(path, bytes!.toString("utf8"), line) > keepThrough) return offset;
  }
  return size;
}

function stepOf(path: string, line: string, number: number): number {
  let step: unknown;
  try {
    step = (JSON.parse(line) as { step?: unknown } | null)?.step;
  } catch {
    step = undefined;
  }
  if (typeof step === "number" && Number.isSafeInteger(step)) return step;
  throw new InputError("is no line about a training step; choose another directory", { file: path, line: number });
}
