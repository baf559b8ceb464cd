import { createServer } from "node:http";
import { fillSchema, logprobsOf, streamEvents } from "./answer-parts.mjs";
import { hashText, judgeReply } from "./judge-reply.mjs";

const faultKinds = ["status429", "status500", "hang", "cutBody", "malformedJson", "malformedText"];

/** Starts the stub; see stub-server.d.mts for the options. */
export async function startStubServer(options = {}) {
  const counts = { requests: 0, completions: 0, replies: 0, connections: 0, streamed: 0 };
  for (const kind of faultKinds) counts[kind] = 0;
  const requests = [];
  const random = seeded(options.seed ?? 1);
  const models = options.models ?? [{ id: "stub-judge", owned_by: options.ownedBy ?? "stub" }];
  let inFlight = 0;
  let mostInFlight = 0;

  const server = createServer((request, response) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString("utf8");
      answer(request, response, text);
    });
  });

  function answer(request, response, text) {
    counts.requests++;
    const path = request.url.split("?")[0];
    const body = text === "" ? undefined : JSON.parse(text);
    const call = {
      method: request.method,
      path,
      url: request.url,
      headers: request.headers,
      body,
      index: counts.completions,
    };
    if (options.keepRequests) requests.push(call);
    const given = options.respond?.(call);
    if (given !== undefined) return later(() => write(request, response, given));
    if (options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      return write(request, response, { status: 401, body: { error: { message: "invalid key" } } });
    }
    if (path.endsWith("/v1/models")) {
      return write(request, response, { body: { object: "list", data: models } });
    }
    if (path.endsWith("/version") && options.version !== undefined) {
      return write(request, response, { body: { version: options.version } });
    }
    if (path.endsWith("/props") && options.props !== undefined) {
      return write(request, response, { body: options.props });
    }
    if (!path.endsWith("/v1/chat/completions") || body === undefined) {
      return write(request, response, { status: 404, body: { error: { message: `no ${path} here` } } });
    }
    counts.completions++;
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (options.capacity !== undefined && inFlight > options.capacity) {
      counts.status429++;
      inFlight--;
      return write(request, response, { status: 429, body: { error: { message: "too many requests" } } });
    }
    const fault = drawFault();
    if (fault !== undefined) counts[fault]++;
    options.onCompletion?.(call, fault);
    later(() => {
      inFlight--;
      write(request, response, completionAnswer(call, fault));
    });
  }

  function later(action) {
    const ms = options.latencyMs ?? 0;
    if (ms > 0) setTimeout(action, ms);
    else action();
  }

  function drawFault() {
    if (options.faults === undefined) return undefined;
    let at = random();
    for (const kind of faultKinds) {
      at -= options.faults[kind] ?? 0;
      if (at < 0) return kind;
    }
    return undefined;
  }

  function completionAnswer(call, fault) {
    if (fault === "status429")
      return { status: 429, headers: { "retry-after": "0" }, body: { error: { message: "slow down" } } };
    if (fault === "status500") return { status: 500, body: { error: { message: "internal error" } } };
    if (fault === "hang") return { hang: true };
    const completion = complete(call.body, fault === "malformedText");
    counts.replies += completion.choices.length;
    if (fault === "malformedJson") return { body: JSON.stringify(completion).slice(0, -20) };
    if (call.body.stream) {
      counts.streamed++;
      return {
        headers: { "content-type": "text/event-stream" },
        body: streamEvents(completion, call.body),
        cut: fault === "cutBody",
      };
    }
    return { body: completion, cut: fault === "cutBody" };
  }

  function complete(body, garbled) {
    const many = options.ignoreN ? 1 : (body.n ?? 1);
    const schema = body.response_format?.json_schema?.schema;
    const choices = Array.from({ length: many }, (_, index) => {
      const variation = body.temperature > 0 ? ((body.seed ?? 0) + index) | 0 : 0;
      const own = options.reply?.(body, index);
      const text = garbled
        ? "I would rather talk about the weather."
        : own !== undefined
          ? own
          : schema !== undefined
            ? JSON.stringify(fillSchema(schema))
            : judgeReply(body.messages, variation);
      const content = text;
      return {
        index,
        message: { role: "assistant", content },
        finish_reason: "stop",
        ...(body.logprobs ? { logprobs: { content: logprobsOf(content, body.top_logprobs ?? 0) } } : {}),
      };
    });
    const promptCharacters = body.messages.reduce((sum, message) => sum + message.content.length, 0);
    const outputCharacters = choices.reduce((sum, choice) => sum + choice.message.content.length, 0);
    const promptTokens = Math.ceil(promptCharacters / 4);
    return {
      id: `stub-${counts.completions}`,
      object: "chat.completion",
      model: body.model,
      choices,
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: Math.ceil(outputCharacters / 4),
        prompt_tokens_details: { cached_tokens: body.messages.length > 1 ? Math.floor(promptTokens / 2) : 0 },
      },
    };
  }

  function write(request, response, given) {
    if (given.hang) return;
    const text = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? "");
    let payload = text;
    if ((given.status ?? 200) >= 400 && options.echoKey) payload += ` you sent ${request.headers.authorization}`;
    const bytes = Buffer.from(payload);
    response.writeHead(given.status ?? 200, {
      "content-type": "application/json",
      "content-length": bytes.length,
      ...given.headers,
    });
    if (!given.cut) return void response.end(bytes);
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
  }

  server.on("connection", (socket) => {
    counts.connections++;
    socket.setNoDelay(true);
  });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port: options.port ?? 0, host: "127.0.0.1", backlog: 2048 }, resolve);
  });
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    counts,
    requests,
    get mostInFlight() {
      return mostInFlight;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Repeatable numbers in [0, 1), one per request in order of arrival. */
function seeded(seed) {
  let count = 0;
  return () => hashText(`${seed}:${count++}:${seed ^ count}`) / 4294967296;
}
