import { z } from "zod";
import { openTokenCounter } from "../text/count-tokens.ts";
import type { RowFilter } from "./row-filter.ts";

const count = z.int().min(0);

const settings = z
  .strictObject({
    /** Tokens of all messages of the prompt. */
    minPrompt: count.default(1),
    maxPrompt: count.default(4096),
    /** Tokens of each response. */
    minResponse: count.default(1),
    maxResponse: count.default(4096),
    /** Tokens of the prompt with the longer response. */
    maxTotal: count.optional(),
    /** Messages of the prompt. */
    maxTurns: z.int().min(1).optional(),
    /** The longer response's tokens over the shorter one's. */
    maxRatio: z.number().min(1).optional(),
  })
  .refine(
    ({ minPrompt, maxPrompt, minResponse, maxResponse }) => minPrompt <= maxPrompt && minResponse <= maxResponse,
    "a smallest length is above the largest",
  );

/** Prompts and responses that are too long or too short, in tokens of the model that is trained. */
export const lengths: RowFilter<z.infer<typeof settings>> = {
  name: "lengths",
  summary: "prompts and responses that are too long or too short, in tokens",
  settings,
  async open(limits, { tokens }) {
    const count = await openTokenCounter(tokens);
    const { minPrompt, maxPrompt, minResponse, maxResponse, maxTotal, maxTurns, maxRatio } = limits;
    return ({ messages, chosen, rejected }) => {
      const verdict = (reason: string, got: number, limit: number) => ({ reason, detail: `${got}, limit ${limit}` });
      if (maxTurns !== undefined && messages.length > maxTurns)
        return verdict("too many turns", messages.length, maxTurns);
      const prompt = messages.reduce((sum, { content }) => sum + count(content), 0);
      if (prompt < minPrompt) return verdict("prompt too short", prompt, minPrompt);
      if (prompt > maxPrompt) return verdict("prompt too long", prompt, maxPrompt);
      const sides = [count(chosen), count(rejected)];
      const [shorter, longer] = [Math.min(...sides), Math.max(...sides)];
      if (shorter < minResponse) return verdict("response too short", shorter, minResponse);
      if (longer > maxResponse) return verdict("response too long", longer, maxResponse);
      if (maxTotal !== undefined && prompt + longer > maxTotal)
        return verdict("prompt and response too long", prompt + longer, maxTotal);
      if (maxRatio !== undefined && longer > maxRatio * Math.max(1, shorter))
        return { reason: "responses of too different lengths", detail: `${shorter} and ${longer}, limit ${maxRatio}x` };
      return undefined;
    };
  },
};
