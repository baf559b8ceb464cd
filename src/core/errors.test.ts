import { expect, test } from "vitest";
import { CermError, ContextOverflowError, EngineError, InputError } from "./errors.ts";

test("an input error says file, line and field before what is wrong, as far as they are known", () => {
  const error = new InputError("is empty", { file: "items.jsonl", line: 3, field: "responses[1]" });
  expect(error.message).toBe("items.jsonl, line 3, responses[1]: is empty");
  expect(error).toMatchObject({ name: "InputError", code: "bad-input", where: { line: 3 } });
  expect(new InputError("is empty", { field: "query" }).message).toBe("query: is empty");
  expect(new InputError("nothing to do").message).toBe("nothing to do");
});

test("engine errors tell whether trying again may help; an overflow never does and names its lengths", () => {
  const cause = new Error("socket");
  const error = new EngineError("busy", { retryable: true, status: 503, cause });
  expect(error).toMatchObject({ code: "engine-error", retryable: true, status: 503, cause });
  const overflow = new ContextOverflowError("too long", { promptTokens: 9, contextTokens: 8 });
  expect(overflow).toMatchObject({ code: "context-overflow", retryable: false, promptTokens: 9, contextTokens: 8 });
  for (const each of [error, overflow, new InputError("x")]) expect(each).toBeInstanceOf(CermError);
  expect(overflow).toBeInstanceOf(EngineError);
});
