// autoevals as a judge: one call per evaluation, an 11-step scale as choices, reasons first. Argument: {url, queries,
// responses, inFlight, module}.
import { createRequire } from "node:module";
import { join } from "node:path";
import { measureProcess } from "../lib/measure-process.mjs";
import { syntheticItems } from "../lib/synthetic-items.mjs";

const { url, queries, responses, inFlight, module } = JSON.parse(process.argv[2]);
const require = createRequire(join(module, "package.json"));
const { LLMClassifierFromTemplate, init } = require("autoevals");
const { OpenAI } = require("openai");
init({ client: new OpenAI({ apiKey: "none", baseURL: `${url}/v1` }), defaultModel: "stub-judge" });
const score = LLMClassifierFromTemplate({
  name: "Quality",
  promptTemplate: "Judge how well the response answers the query.\n\nQuery:\n{{input}}\n\nResponse:\n{{output}}",
  choiceScores: Object.fromEntries(Array.from({ length: 11 }, (_, value) => [String(value), value / 10])),
  useCoT: true,
  temperature: 0,
});
const pairs = [...syntheticItems(queries, responses)].flatMap((item) =>
  item.responses.map(({ text }) => ({ input: item.query.messages[0].content, output: text })),
);

const finish = measureProcess();
let next = 0;
let scored = 0;
const worker = async () => {
  while (next < pairs.length) if (Number.isFinite((await score(pairs[next++])).score)) scored++;
};
await Promise.all(Array.from({ length: inFlight }, worker));
console.log(JSON.stringify({ evaluations: scored, unscored: pairs.length - scored, ...finish() }));
process.exit(0);
