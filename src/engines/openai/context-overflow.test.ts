import { expect, it } from "vitest";
import { contextOverflow } from "./context-overflow.ts";

it.each([
  [
    "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).",
    112946,
    16384,
  ],
  ["This model's maximum context length is 4096 tokens. However, your request has 5000 input tokens.", 5000, 4096],
  [
    "'max_tokens' is too large: 9000. This model's maximum context length is 8192 tokens and your request has 1000 input tokens",
    1000,
    8192,
  ],
  ["The decoder prompt (length 5000) is longer than the maximum model length of 4096.", 5000, 4096],
  [
    "You passed 5001 input tokens and requested 8 output tokens. However, the model's context length is only 4096 tokens",
    5001,
    4096,
  ],
  [
    '{"error":{"code":400,"message":"request (4476 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":4476,"n_ctx":4096}}',
    4476,
    4096,
  ],
  ["the request exceeds the available context size. try increasing the context size", undefined, undefined],
  [
    "This model's maximum context length is 512 tokens, however you requested 612 tokens (548 in your prompt; 64 for the completion).",
    548,
    512,
  ],
  ["Requested tokens (2285) exceed context window of 2048", 2285, 2048],
  ["The input (5000 tokens) is longer than the model's context length (4096 tokens).", 5000, 4096],
  [
    "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.",
    300000,
    272000,
  ],
  [
    "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 9000 tokens: 1000 tokens from the input messages and 8000 tokens for the completion.",
    1000,
    4096,
  ],
])("reads both lengths of: %s", (message, promptTokens, contextTokens) => {
  const error = contextOverflow(message, "http://server/v1", 64);
  expect(error).toMatchObject({ name: "ContextOverflowError", retryable: false, promptTokens, contextTokens });
});

it("takes no other message for it", () => {
  expect(contextOverflow("temperature must be at most 2", "http://server/v1", 64)).toBeUndefined();
  expect(contextOverflow("model not found in this context", "http://server/v1", 64)).toBeUndefined();
});
