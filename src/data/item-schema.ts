import { z } from "zod";

export interface ItemSchemaOptions {
  /** Longest response in characters (UTF-16 units). */
  maxResponseCharacters: number;
  /** Leave the responses out, whatever they are. */
  queryOnly: boolean;
}

/** The fields of an item as users write it, and those of what is nested in it. */
export const knownFields = {
  item: ["id", "query", "messages", "responses", "criteria"],
  messages: ["role", "content"],
  responses: ["id", "text"],
  criteria: ["term", "description"],
} as const;

const notBlank = (text: string) => text.trim() !== "";

/** An id; a whole number stands for its digits. */
const id = z.preprocess(
  (value) => (Number.isSafeInteger(value) ? String(value) : value),
  z.string().refine(notBlank, "expected an id that is not blank; give one or leave the field out"),
);

const messages = z
  .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string() }))
  .min(1)
  .superRefine((list, context) => {
    const problem = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: "custom", message, path });
    const last = list.length - 1;
    list.forEach((message, index) => {
      if (message.role === "system" && index > 0) {
        problem("a system message can only be the first message; move it to the front", index, "role");
      }
    });
    if (list[last]?.role !== "user") problem('the last message must be the user\'s (role "user")', last, "role");
    else if (!notBlank(list[last].content)) problem("the query is empty; give its text", last, "content");
  });

/** The shape of an item as users write it. Its output still has `query` and `messages` apart. */
export function itemSchema(options: ItemSchemaOptions) {
  const response = z.preprocess(
    (value) => (typeof value === "string" ? { text: value } : value),
    z.strictObject({
      id: id.nullish(),
      text: z
        .string()
        .max(options.maxResponseCharacters)
        .refine(notBlank, "the response is empty; give its text or remove it"),
    }),
  );
  const responses = z
    .array(response)
    .min(1)
    .superRefine((list, context) => {
      const seen = new Map<string, number>();
      list.forEach((one, index) => {
        const key = one.id ?? String(index);
        const first = seen.get(key);
        if (first === undefined) seen.set(key, index);
        else {
          const message = `the id ${JSON.stringify(key)} is also that of responses[${first}] (without an id it is the position); rename one`;
          context.addIssue({ code: "custom", message, path: [index, "id"] });
        }
      });
    });
  return z
    .strictObject({
      id: id.nullish(),
      query: z.string().refine(notBlank, "the query is empty; give its text").nullish(),
      messages: messages.nullish(),
      responses: options.queryOnly
        ? z
            .unknown()
            .transform((): undefined => undefined)
            .optional()
        : responses,
      criteria: criteria.nullish(),
    })
    .superRefine((item, context) => {
      const problem = (message: string, field: string) => context.addIssue({ code: "custom", message, path: [field] });
      const [query, conversation] = [item.query ?? undefined, item.messages ?? undefined];
      if (query === undefined && conversation === undefined)
        problem('there is no query; give "query" or "messages"', "query");
      if (query !== undefined && conversation !== undefined)
        problem('both "query" and "messages" are given; keep one', "messages");
    });
}

/** `Term: description`, split at the first colon; undefined without one, or with nothing on one of its sides. */
function criterionOfText(text: string): { term: string; description: string } | undefined {
  const parts = /^([^:：]+)[:：]([\s\S]+)$/.exec(text);
  return parts === null ? undefined : { term: parts[1]!.trim(), description: parts[2]!.trim() };
}

const criterion = z.preprocess(
  (value) => (typeof value === "string" ? (criterionOfText(value) ?? value) : value),
  z.strictObject({
    term: z.string().trim().refine(notBlank, "the term is empty; give a short one"),
    description: z.string().trim().refine(notBlank, "the description is empty; say what the criterion means"),
  }),
);

const criteriaText = z.string().refine(notBlank, "the criteria are empty; give some or leave the field out");

const criteriaList = z
  .array(criterion)
  .min(1)
  .superRefine((list, context) => {
    const terms = list.map((one) => one.term.toLowerCase());
    terms.forEach((term, index) => {
      const first = terms.indexOf(term);
      if (first !== index) {
        const message = `the term ${JSON.stringify(list[index]!.term)} is also that of criteria[${first}]; merge or rename them`;
        context.addIssue({ code: "custom", message, path: [index, "term"] });
      }
    });
  });

// Chosen by type rather than tried one after the other, so that a problem inside a list is reported as it is.
const criteria = z.unknown().transform((value, context) => {
  const parsed = (typeof value === "string" ? criteriaText : criteriaList).safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: issue.input } as never);
  return z.NEVER;
});
