import { z } from "zod";
import type { Message } from "../../core/message.ts";
import { splitDialogue } from "../../data/dialogue.ts";
import { shorten } from "../../data/shorten.ts";
import { type BenchRow, benchRows } from "../bench-rows.ts";
import type { BenchItem, Benchmark } from "../benchmark.ts";
import { makeItem } from "../make-item.ts";
import { countPairs, pairAccuracy } from "../pair-accuracy.ts";
import { pairResult } from "../pair-result.ts";
import { conversation, parseRow, rowError } from "../parse-row.ts";

const plainSchema = z.object({
  prompt: conversation.optional(),
  /** The query in the normal form of preference pairs, as `cerm data` writes them. */
  messages: conversation.optional(),
  chosen: conversation,
  rejected: conversation,
  subset: z.string().nullish(),
});
const dialogueSchema = z.object({ chosen: z.string(), rejected: z.string(), subset: z.string().nullish() });

/** Preference pairs without an official scorer: rows of prompt (or messages), chosen and rejected, or pairs of whole dialogues (hh-rlhf). */
export const pairs: Benchmark = {
  name: "pairs",
  title: "Preference pairs",
  order: "[chosen, rejected]",
  source: {
    url: "https://github.com/anthropics/hh-rlhf",
    license: "MIT",
    sets: [
      {
        host: "hub",
        repo: "Anthropic/hh-rlhf",
        revision: "09be8c5bbc57cb3887f3a9732ad6aa7ec602a1fa",
        files: [{ path: "harmless-base/test.jsonl.gz" }, { path: "helpful-base/test.jsonl.gz" }],
      },
    ],
  },

  async *load(path, { signal } = {}) {
    for await (const row of benchRows(path, { signal })) {
      const pair = pairOf(row);
      const subset = row.value.subset ?? (row.value.messages === undefined ? undefined : row.value.source);
      const file = row.file.replace(/\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/i, "");
      yield pairItem(row, { ...pair, subset: typeof subset === "string" && subset !== "" ? subset : file });
    }
  },

  score(items) {
    const same = items.filter(({ item }) => item.label.contextsDiffer !== true);
    return pairResult("pairs", items, {
      contextsDiffer: items.length - same.length,
      withoutDifferingContexts: pairAccuracy(countPairs(same)),
    });
  },
};

/** A preference pair as an item. */
export function pairItem(row: Pick<BenchRow, "key">, pair: PairParts & { subset: string }): BenchItem {
  const { subset, query, chosen, rejected, contextsDiffer } = pair;
  return makeItem(row, {
    ...{ subset, query, label: { contextsDiffer } },
    ...{ responses: [chosen, rejected], quality: [1, 0], pairs: [[0, 1]] },
  });
}

interface PairParts {
  query: string | Message[];
  chosen: string;
  rejected: string;
  /** The two answers do not answer the same; the query is the chosen one's. */
  contextsDiffer: boolean;
}

function pairOf(row: BenchRow): PairParts {
  const { value } = row;
  if (value.prompt === undefined && value.messages === undefined && typeof value.chosen === "string")
    return pairOfDialogues(row);
  const { messages, prompt = messages, chosen, rejected } = parseRow(plainSchema, row);
  const [good, bad] = [answerOf(row, "chosen", chosen), answerOf(row, "rejected", rejected)];
  const query = prompt ?? good.context;
  if (query.length === 0)
    throw rowError(row, "prompt", "there is no query: give a prompt, or conversations that end with the answers");
  const contextsDiffer = prompt === undefined && JSON.stringify(good.context) !== JSON.stringify(bad.context);
  return { query, chosen: good.answer, rejected: bad.answer, contextsDiffer };
}

function pairOfDialogues(row: BenchRow): PairParts {
  const { chosen, rejected } = parseRow(dialogueSchema, row);
  const [good, bad] = [splitDialogue(chosen), splitDialogue(rejected)];
  if (good === undefined || bad === undefined) {
    const [field, text] = good === undefined ? ["chosen", chosen] : ["rejected", rejected];
    throw rowError(
      row,
      field,
      `expected a dialogue with Human: and Assistant: turns, or a field "prompt" beside it, got ${shorten(text)}`,
    );
  }
  const contextsDiffer = JSON.stringify(good.context) !== JSON.stringify(bad.context);
  return { query: good.context, chosen: good.answer, rejected: bad.answer, contextsDiffer };
}

/** An answer is a text, or the last message of a conversation. */
function answerOf(row: BenchRow, field: string, value: string | Message[]): { context: Message[]; answer: string } {
  if (typeof value === "string") return { context: [], answer: value };
  const last = value.at(-1)!;
  if (last.role !== "assistant")
    throw rowError(row, field, `expected a conversation that ends with the assistant, got ${last.role} last`);
  return { context: value.slice(0, -1), answer: last.content };
}
