import { basename } from "node:path";
import { z } from "zod";
import { InputError } from "../../../core/errors.ts";
import type { Message } from "../../../core/message.ts";
import { readBytes } from "../../../data/read-bytes.ts";
import { chooseCriteria, type RawCriterion } from "../choose-criteria.ts";
import { readClause, readQuestion } from "../wording/read-question.ts";
import { splitQuestion } from "../wording/split-question.ts";
import { writeExample } from "../write-answers.ts";
import { parseRecord } from "./read-records.ts";
import { type RecordSource, skipped } from "./record-source.ts";

const record = z.object({
  capability: z.string(),
  system_prompt: z.string(),
  input: z.string().min(1),
  score_rubric: z.object({ criteria: z.string().min(1) }),
});

/**
 * BiGGen Bench: tasks with a rubric each, written by people with a language model's help. Turn 1.
 *
 * * The rubric's question is split into its parts (`splitQuestion`); one part is one criterion. A rubric with fewer parts
 *   than the pack's form asks for gives nothing, which is most of them.
 * * Term: what the part asks about; description: the part as a statement (`readQuestion`, `readClause`).
 * * Order: the question's. The capability "multilingual" is left out. The five score descriptions, the reference answer and
 *   the placeholder response are not used.
 */
export const biggenBench: RecordSource = {
  name: "biggen-bench",
  licence: "Apache-2.0",
  origin: "prometheus-eval/prometheus-eval (BiGGen-Bench)",
  files: ["biggen-bench/sample_responses.json.gz"],
  teaches: "criteria",
  async *convert(file, options) {
    for (const [key, value] of await readEntries(file, options.signal)) {
      const id = `${basename(file)}#${key}`;
      const row = parseRecord(record, value, { file, id });
      if (row.capability === "multilingual") {
        yield skipped(id, "multilingual");
        continue;
      }
      const query = { messages: messagesOf(row) };
      const chosen = chooseCriteria(rawCriteria(row.score_rubric.criteria), query, options);
      const example =
        chosen && writeExample(options.pack, { id, source: "biggen-bench", query, criteria: chosen.criteria });
      yield example === undefined ? skipped(id, "too few criteria fit the pack") : { ok: true, example };
    }
  },
};

function messagesOf({ system_prompt: system, input }: z.infer<typeof record>): Message[] {
  const user: Message = { role: "user", content: input };
  return system.trim() === "" ? [user] : [{ role: "system", content: system }, user];
}

function rawCriteria(question: string): RawCriterion[] {
  return splitQuestion(question).map((part, index) => (index === 0 ? readQuestion(part) : readClause(part)));
}

/** The members of the file's one JSON object. */
async function readEntries(file: string, signal: AbortSignal | undefined): Promise<[string, unknown][]> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(file, { signal })) chunks.push(chunk);
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return Object.entries(parsed);
  } catch (error) {
    throw new InputError(`is not JSON: ${(error as Error).message}`, { file });
  }
  throw new InputError("expected a JSON object with a member for each instance", { file });
}
