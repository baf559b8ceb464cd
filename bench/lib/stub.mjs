// The test stub as a process, which also answers other judges in the format each of them asks for.
// node bench/lib/stub.mjs '{"latencyMs":20}': prints its URL; ends with its standard input, and prints what it counted.
import { hashText, judgeReply } from "../../test/stub-server/judge-reply.mjs";
import { startStubServer } from "../../test/stub-server/stub-server.mjs";

const reason = "The response does what the query asks for, fairly well, with some detail missing. ".repeat(4);
const server = await startStubServer({ ...JSON.parse(process.argv[2] ?? "{}"), respond, reply });
console.log(server.url);
process.stdin.resume().once("end", async () => {
  await server.close();
  console.log(JSON.stringify({ ...server.counts, mostInFlight }));
  process.exit(0);
});

let inFlight = 0;
let mostInFlight = 0;

/** A call of the one tool that autoevals offers. */
function respond({ body }) {
  if (body === undefined) return undefined;
  count();
  const tool = body.tools?.[0]?.function;
  if (tool === undefined) return undefined;
  server.counts.completions++;
  const answer = { reasons: reason, choice: pick(tool.parameters.properties.choice.enum, body) };
  const call = { id: "call-0", type: "function", function: { name: tool.name, arguments: JSON.stringify(answer) } };
  const message = { role: "assistant", content: null, tool_calls: [call] };
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
  return { body: { id: "stub", object: "chat.completion", created: 0, model: body.model, choices, usage } };
}

/** Text: a judge's own format where its markers are there, else a JSON object with a score. */
function reply(body) {
  if (body.messages[0].content.includes("[Start of Query]")) return judgeReply(body.messages);
  return JSON.stringify({ reason, score: pick([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], body) });
}

function pick(options, body) {
  return options[hashText(JSON.stringify(body.messages.at(-1).content)) % options.length];
}

/** The stub's own count leaves out what `respond` answers; requests last for its latency. */
function count() {
  mostInFlight = Math.max(mostInFlight, ++inFlight);
  setTimeout(() => inFlight--, JSON.parse(process.argv[2] ?? "{}").latencyMs ?? 0);
}
