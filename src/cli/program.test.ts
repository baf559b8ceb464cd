import { describe, expect, test } from "vitest";
import { keptTerminal, runCli } from "../../test/run-cli.ts";
import { CermError, InputError } from "../core/errors.ts";
import { commandContext } from "./context.ts";
import { createProgram } from "./program.ts";

const context = commandContext(keptTerminal().terminal, () => {});
const commands = createProgram(context).commands.flatMap((command) =>
  command.commands.length === 0 ? [[command.name()]] : command.commands.map((sub) => [command.name(), sub.name()]),
);

test("has the commands of the design", () => {
  const names = commands.map((each) => each.join(" "));
  for (const name of ["judge", "rank", "criteria", "doctor"]) expect(names).toContain(name);
  for (const name of ["pull", "list", "calibrate"]) expect(names).toContain(`models ${name}`);
  for (const name of ["list", "show", "import"]) expect(names).toContain(`prompts ${name}`);
});

test.each(commands.map((names) => [names.join(" "), names]))(
  "cerm %s --help describes it, with an example",
  async (name, names) => {
    const { code, out } = await runCli([...(names as string[]), "--help"]);
    expect(code).toBe(0);
    const text = out.join("");
    expect(text).toMatch(new RegExp(`^Usage: cerm ${name}`));
    expect(text).toMatch(new RegExp(`\\nExample:\\n {2}\\$ cerm ${name}`));
    // Every option and argument says what it is for.
    for (const line of text.split("\n").filter((each) => /^ {2}(-\S|\[|<)/.test(each)))
      expect(line).toMatch(/^ {2}\S.* {2,}\S|^ {2}\S+(, \S+)*( [<[]\S+)?$/);
  },
);

test("--version is the package's", async () => {
  expect(await runCli(["--version"])).toMatchObject({ code: 0, out: [expect.stringMatching(/^\d+\.\d+\.\d+\n$/)] });
});

test.each([
  [["jugde"], "unknown command 'jugde'"],
  [["judge", "--no-such-option"], "unknown option '--no-such-option'"],
  [["judge", "--mode", "both"], "Allowed choices are unified, per-response, implicit"],
  [["judge", "--evaluations", "0"], "Expected a whole number of at least 1."],
  [["judge", "a", "b"], "too many arguments"],
  [["criteria", "--evaluations", "2"], "unknown option '--evaluations'"],
  [["prompts", "show"], "missing required argument 'pack'"],
  [["judge", "--extra-body", "[]"], "Expected a JSON object."],
])("bad usage is exit code 2 with a hint: %j", async (args, message) => {
  const { code, notes } = await runCli(args);
  expect(code).toBe(2);
  expect(notes.join("")).toContain(message);
  expect(notes.join("")).toContain("(see --help)");
});

describe("exit codes", () => {
  const run = async (work: (signal: AbortSignal) => Promise<number>) => {
    const { terminal, notes } = keptTerminal();
    const codes: number[] = [];
    await commandContext(terminal, (code) => codes.push(code)).run(work);
    return { codes, notes };
  };

  test("of errors: 2 for input, 1 for what failed, with a stack only for bugs", async () => {
    const failing = (error: unknown) => run(() => Promise.reject(error));
    expect(await failing(new InputError("is empty", { file: "a.jsonl", line: 2 }))).toEqual({
      ...{ codes: [2], notes: ["error: a.jsonl, line 2: is empty"] },
    });
    expect(await failing(new CermError("store-failed", "disk full"))).toEqual({
      ...{ codes: [1], notes: ["error: disk full"] },
    });
    const bug = await failing(new TypeError("x is not a function"));
    expect(bug.codes).toEqual([1]);
    expect(bug.notes[0]).toMatch(/^error: TypeError: x is not a function\n\s+at /);
    expect((await run(async () => 3)).codes).toEqual([3]);
  });

  test("of an interrupt: 130, and the listeners are gone afterwards", async () => {
    const before = process.listenerCount("SIGINT");
    const interrupted = await run(async (signal) => {
      process.emit("SIGINT");
      signal.throwIfAborted();
      return 0;
    });
    expect(interrupted).toEqual({ codes: [130], notes: ["interrupted; what was done is kept"] });
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
