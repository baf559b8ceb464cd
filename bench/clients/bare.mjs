// Only the HTTP calls that cerm makes, with Node's own client: the bodies are made beforehand, the answers are parsed as JSON.
import { Agent, request } from "node:http";
import { loadPack, parseCriteria, renderCriteria, renderEvaluation } from "../../dist/prompts/index.js";
import { judgeReply } from "../../test/stub-server/judge-reply.mjs";
import { measureProcess } from "../lib/measure-process.mjs";
import { syntheticItems } from "../lib/synthetic-items.mjs";

const { url, queries, responses, inFlight } = JSON.parse(process.argv[2]);
const pack = await loadPack("default");
const bodies = [];
for (const item of syntheticItems(queries, responses)) {
  const turn1 = renderCriteria(pack, item.query);
  const parsed = parseCriteria(pack, judgeReply(turn1), "stop");
  const conversations = [turn1, ...item.responses.map((each) => renderEvaluation(pack, turn1, parsed.criteria, each))];
  for (const messages of conversations)
    bodies.push(JSON.stringify({ model: "stub-judge", messages, max_tokens: 8192, temperature: 0 }));
}

const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
const target = new URL("/v1/chat/completions", url);
const post = (body) =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(target, { agent, method: "POST", headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString("utf8"))));
    });
    sent.once("error", reject);
    sent.end(body);
  });

const finish = measureProcess();
let next = 0;
let answered = 0;
const worker = async () => {
  while (next < bodies.length) {
    const answer = await post(bodies[next++]);
    if (answer.choices[0].message.content.length > 0) answered++;
  }
};
await Promise.all(Array.from({ length: inFlight }, worker));
const measured = finish();
agent.destroy();
console.log(JSON.stringify({ evaluations: answered - queries, unscored: bodies.length - answered, ...measured }));
