/** A piece of work that any thread can do, known by its name. The same input gives the same output everywhere. */
export interface Task<Params, Input, Output> {
  name: string;
  /** Prepares a thread; what it returns is called with one input after the other. */
  open(params: Params): ((input: Input) => Output) | Promise<(input: Input) => Output>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of tasks holds all kinds
export type AnyTask = Task<any, any, any>;

/** What a thread is told. */
export type Order =
  | { kind: "open"; session: number; task: string; params: unknown }
  | { kind: "work"; session: number; id: number; input: unknown }
  | { kind: "close"; session: number };

/** What a thread answers. */
export type Answer = { id: number; output: unknown } | { id: number; error: string };
