import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createChatPrompt } from "../../dist/engines/embedded/chat-prompt.js";
import {
  modelsDirectory,
  openEmbeddedEngine,
  openLlamaBackend,
  readMachine,
  resolveModel,
} from "../../dist/engines/index.js";
import { Judge } from "../../dist/judge/index.js";
import { evaluationForm, loadPack, renderCriteria, renderEvaluation } from "../../dist/prompts/index.js";
import { UsageError } from "./options.mjs";

const local = (path) => fileURLToPath(new URL(path, import.meta.url));
/** Data sets that are tried when none is named. */
const usualData = [local("../../../shared/data/rm-bench/chat_filtered.json"), local("../../examples/quickstart.jsonl")];

/** Path of the model to measure: `given`, else `CERM_BENCH_MODEL`, else the toy model where it is pulled. */
export async function benchModel(given) {
  const spec = given || process.env.CERM_BENCH_MODEL;
  if (spec !== undefined && existsSync(spec)) return spec;
  const say = (line) => console.error(line);
  const options = { directory: modelsDirectory(), toy: !spec, config: {}, machine: readMachine(), say };
  return (await resolveModel(spec, options)).path;
}

/**
 * Queries with exactly `responses` responses each: `{name, queries: [{id, query, responses}]}`. A file holds rows of
 * `prompt`, `chosen`, `rejected` (JSON) or of `query`, `responses` (JSON Lines).
 */
export function readQueries(file, responses) {
  const path = file || usualData.find(existsSync);
  if (path === undefined || !existsSync(path)) throw new UsageError(`--data ${path}: there is no such file`);
  const text = readFileSync(path, "utf8");
  const rows = path.endsWith(".json")
    ? JSON.parse(text)
    : text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
  const queries = rows.map((row, index) => {
    const texts = [...(row.chosen ?? []), ...(row.rejected ?? []), ...(row.responses ?? [])];
    return {
      id: String(row.id ?? index),
      query: { messages: [{ role: "user", content: row.prompt ?? row.query }] },
      responses: extend(
        texts.map((each) => each.text ?? each),
        responses,
      ).map((each, at) => ({ id: String(at), text: each })),
    };
  });
  return { name: path.split("/").slice(-2).join("/"), queries };
}

/** Further responses where there are too few: the second half of those there are. (First halves would share prefixes.) */
function extend(texts, count) {
  const all = texts.slice(0, count);
  for (let part = 1; all.length < count; part++) {
    for (const text of texts) {
      const rest = text.slice(Math.floor(text.length * (part / (part + 1)))).replace(/^\S*\s+/, "");
      if (all.length < count) all.push(rest);
    }
  }
  return all;
}

/**
 * Turn-2 tasks of the compact pack, as every program in a comparison gets them: `{pack, data, groups: [{query, criteria,
 * tasks: [{messages, tokens, form, response}]}]}`. Criteria are written by the model itself, guided, once. Queries are
 * taken where no prompt is longer than `maxPrompt` tokens.
 */
export async function evaluationTasks(modelPath, { data, queries: wanted, responses, maxPrompt }) {
  const pack = await loadPack("compact");
  const { name, queries } = readQueries(data, responses);
  const backend = await openLlamaBackend({ modelPath, gpu: false });
  const engine = await openEmbeddedEngine({ modelPath, gpu: false, threads: 1, sequences: 1 });
  try {
    const chatPrompt = createChatPrompt(backend);
    const judge = new Judge({ engine, pack });
    const groups = [];
    for (const { query, responses: candidates } of queries) {
      if (groups.length === wanted) break;
      const turn1 = renderCriteria(pack, query);
      // Criteria and the frame around the response take up to 200 tokens; the exact check follows.
      const roughly = chatPrompt(turn1).length + 200;
      if (candidates.some(({ text }) => backend.tokenize(text).length + roughly > maxPrompt)) continue;
      const [sample] = await judge.criteria(query);
      if (sample.kind !== "criteria") continue;
      const { criteria } = sample;
      const tasks = candidates.map((response) => {
        const messages = renderEvaluation(pack, turn1, criteria, response);
        return { messages, tokens: chatPrompt(messages), form: evaluationForm(pack, criteria), response };
      });
      if (tasks.every(({ tokens }) => tokens.length <= maxPrompt)) groups.push({ query, criteria, tasks });
    }
    if (groups.length === 0) throw new UsageError(`no query of ${name} fits --max-prompt ${maxPrompt}`);
    return { pack, data: name, groups };
  } finally {
    await engine.close();
    await backend.close();
  }
}
