import type { RowTexts, SharedTexts } from "../rows/text-file.ts";

/** A piece of work that any thread can do, known by its name. The same input gives the same output everywhere. */
export interface Task<Params, Input, Output> {
  name: string;
  /** Prepares a thread; what it returns is called with one input after the other. */
  open(params: Params): ((input: Input) => Output) | Promise<(input: Input) => Output>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of tasks holds all kinds
export type AnyTask = Task<any, any, any>;

/** Rows by their numbers, whose texts a thread reads by itself; `n2` where the task is about two of them at a time. */
export interface RowBatch {
  n: Int32Array;
  n2?: Int32Array;
}

/** A batch with the texts of its rows, as tasks get it. */
export type TextBatch = RowBatch & RowTexts;

/** A batch of pairs of rows with the texts of both. */
export type TextBatch2 = Required<RowBatch> & { first: RowTexts; second: RowTexts };

/** What a thread is told. */
export type Order =
  | { kind: "open"; session: number; task: string; params: unknown; texts: SharedTexts | undefined }
  | { kind: "work"; session: number; id: number; input: unknown }
  | { kind: "close"; session: number };

/** What a thread answers. */
export type Answer = { id: number; output: unknown } | { id: number; error: string };
