/** A value that fits a strict JSON schema: first option, fewest items, a fixed text. */
export function fillSchema(schema) {
  if (schema.enum) return schema.enum[0];
  if (schema.type === "array") return Array.from({ length: schema.minItems ?? 1 }, () => fillSchema(schema.items));
  if (schema.type === "object") {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, fillSchema(each)]));
  }
  return "stub text";
}

/**
 * Tokens of a text with log-probabilities: numbers share their probability with their neighbours (0.6 for themselves,
 * 0.3 and 0.1 for the numbers one below and above), other tokens are certain.
 */
export function logprobsOf(text, top) {
  return (text.match(/\d+(?:\.\d+)?|[A-Za-z]+|\s+|[^A-Za-z\d\s]/gu) ?? []).map((token) => {
    const number = /^\d/.test(token);
    const all = number
      ? [
          [token, 0.6],
          [String(Math.max(0, Number(token) - 1)), 0.3],
          [String(Number(token) + 1), 0.1],
        ]
      : [[token, 1]];
    const entries = all.map(([each, probability]) => entry(each, probability));
    return { ...entries[0], top_logprobs: entries.slice(0, top) };
  });
}

function entry(token, probability) {
  return { token, logprob: Math.log(probability), bytes: [...Buffer.from(token)] };
}

/** A completion as server-sent events: roles, pieces of text, finish reasons, usage, `[DONE]`. */
export function streamEvents(completion, body) {
  const events = [];
  const head = { id: completion.id, object: "chat.completion.chunk", model: completion.model };
  const send = (choice) => events.push({ ...head, choices: [choice] });
  for (const { index, message, finish_reason, logprobs } of completion.choices) {
    send({ index, delta: { role: "assistant", content: "" } });
    const pieces = logprobs?.content.map((each) => each.token) ?? message.content.match(/.{1,24}/gsu) ?? [];
    pieces.forEach((content, at) => {
      send({ index, delta: { content }, ...(logprobs ? { logprobs: { content: [logprobs.content[at]] } } : {}) });
    });
    send({ index, delta: {}, finish_reason });
  }
  if (body.stream_options?.include_usage) events.push({ ...head, choices: [], usage: completion.usage });
  return `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`;
}
