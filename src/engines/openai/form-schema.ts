import type { ChoicePart, FixedPart, Form, FreePart } from "../../core/form.ts";

/** A JSON schema in the subset that OpenAI's strict mode takes. */
export type JsonSchema = Record<string, unknown>;

/**
 * The form's names as a strict JSON schema: free text is a string, a choice an enumeration, a repeat an array of
 * objects; fixed text is left out and comes back when the answer is put together. Members are in the form's order,
 * because strict mode writes them in the schema's order.
 */
export function formSchema(form: Form): JsonSchema {
  const members: [string, JsonSchema][] = [];
  for (const part of form.parts) {
    if (part.kind === "repeat") {
      members.push([
        part.name,
        { type: "array", minItems: part.min, maxItems: part.max, items: strictObject(part.parts.flatMap(member)) },
      ]);
    } else {
      members.push(...member(part));
    }
  }
  return strictObject(members);
}

function member(part: FixedPart | FreePart | ChoicePart): [string, JsonSchema][] {
  switch (part.kind) {
    case "fixed":
      return [];
    case "choice":
      return [[part.name, { type: "string", enum: part.options }]];
    case "free":
      return [[part.name, { type: "string", description: `At most ${part.maxTokens} tokens.` }]];
  }
}

function strictObject(members: [string, JsonSchema][]): JsonSchema {
  return {
    type: "object",
    properties: Object.fromEntries(members),
    required: members.map(([name]) => name),
    additionalProperties: false,
  };
}
