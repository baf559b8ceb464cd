import type { Message } from "../../core/message.ts";
import { filters } from "../stages/filters.ts";
import type { TokenCounting } from "../text/count-tokens.ts";
import type { Task, TextBatch } from "./task.ts";

interface Params {
  filter: string;
  settings: unknown;
  tokens: TokenCounting;
}

/** The rows of a batch that a filter drops, and how many rows it looked at. */
interface Dropped {
  rows: number;
  drops: { n: number; reason: string; detail?: string }[];
}

/** Runs a row filter over a batch. */
export const filterTask: Task<Params, TextBatch, Dropped> = {
  name: "filter",
  async open({ filter, settings, tokens }) {
    const test = await filters.find(({ name }) => name === filter)!.open(settings, { tokens });
    return ({ n, messages, chosen, rejected }) => {
      const drops: Dropped["drops"] = [];
      for (let at = 0; at < n.length; at++) {
        const verdict = test({
          messages: JSON.parse(messages[at]!) as Message[],
          chosen: chosen[at]!,
          rejected: rejected[at]!,
        });
        if (verdict !== undefined) drops.push({ n: n[at]!, ...verdict });
      }
      return { rows: n.length, drops };
    };
  },
};
