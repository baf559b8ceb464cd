import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerPass, answerSample, type PassInput, readPass, type SampleInput } from "./bodies.ts";
import { makeArchive } from "./make-archive.ts";

/** What goes wrong with the next requests to a path. */
export type ServerFault =
  /** Answered with this, nothing done. */
  | { kind: "status"; status: number; detail?: unknown; headers?: Record<string, string> }
  /** The connection ends before anything is done. */
  | { kind: "drop" }
  /** Everything is done, and then the connection ends. */
  | { kind: "lose-answer" }
  /** Everything is done after this many milliseconds. */
  | { kind: "slow"; ms: number };

export interface TinkerServerOptions {
  /** What results are sent as. Default `"protobuf"`. */
  format?: "protobuf" | "json";
  /** Whether a sequence number that comes again is recognised. Default true. */
  recognises?: boolean;
  /** How often a result is said not to be there yet. Default 0. */
  notYet?: number;
  /** Log-probability of every target of a pass. Default -1. */
  logprob?: (datum: PassInput["data"][number], target: number) => number;
  /** Tokens of a sequence. Default: as many as allowed, counted up from the seed. */
  sample?: (
    request: SampleInput,
    index: number,
  ) => { tokens: number[]; logprobs: number[]; stopReason: "stop" | "length" };
  /** Sends prompt log-probabilities without an entry for the first token, as SkyRL's jax backend does. */
  shortPromptLogprobs?: boolean;
  /** Refuses requests without this key. */
  apiKey?: string;
  /** Losses it has. Default: all of the client's. */
  losses?: string[];
  gradNorm?: () => number;
}

/** Something the server did, in the order in which it did it. */
export interface Effect {
  type: string;
  model?: string;
  pass?: PassInput;
  body?: Record<string, unknown>;
}

/** A server of the Tinker protocol without a model, which can be told to fail. */
export interface TinkerServer {
  readonly url: string;
  /** What was done, without reads. */
  readonly effects: Effect[];
  /** Requests by path, heartbeats and questions for results included. */
  readonly requests: { path: string; headers: IncomingMessage["headers"] }[];
  /** Lets the next `times` requests to a path fail. */
  fault(path: string, fault: ServerFault, times?: number): void;
  /** The work of the next requests to a path fails with this text. */
  failWork(path: string, detail: string): void;
  /** Forgets sessions, models and results, as a restart does; saved weights stay. */
  forget(): void;
  /** Stops listening and ends all connections. */
  down(): Promise<void>;
  /** Listens again, at the same address. */
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  contentType?: string;
  headers?: Record<string, string>;
  body: string | Uint8Array;
}

interface SavedCheckpoint {
  model: string;
  type: "training" | "sampler";
  name: string;
}

const json = (value: unknown, status = 200): Answer => ({
  status,
  contentType: "application/json",
  body: JSON.stringify(value),
});
const refusal = (status: number, detail: unknown) => json({ detail }, status);

export async function startTinkerServer(options: TinkerServerOptions = {}): Promise<TinkerServer> {
  const state = new State(options);
  const http = createServer((request, response) => void handle(state, request, response));
  const listen = (port: number) => new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  await listen(0);
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    effects: state.effects,
    requests: state.requests,
    fault: (path, fault, times = 1) => state.faults.push(...Array.from({ length: times }, () => ({ path, fault }))),
    failWork: (path, detail) => state.workFaults.push({ path, detail }),
    forget: () => state.forget(),
    down: stop,
    up: () => listen(port),
    close: () => (http.listening ? stop() : Promise.resolve()),
  };
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = (request.url ?? "").replace(/^\/api\/v1/, "").replace(/\?.*$/, "");
  state.requests.push({ path, headers: request.headers });
  const place = state.faults.findIndex((each) => each.path === path);
  const fault = place === -1 ? undefined : state.faults.splice(place, 1)[0]!.fault;
  if (fault?.kind === "drop") return void request.socket.destroy();
  if (fault?.kind === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const answer =
    fault?.kind === "status"
      ? { ...refusal(fault.status, fault.detail), headers: fault.headers }
      : await state.answer(request, path, Buffer.concat(chunks));
  if (fault?.kind === "lose-answer") return void request.socket.destroy();
  const contentType = answer.contentType === undefined ? {} : { "content-type": answer.contentType };
  response.writeHead(answer.status, { ...contentType, ...answer.headers }).end(answer.body);
}

class State {
  readonly effects: Effect[] = [];
  readonly requests: TinkerServer["requests"] = [];
  readonly faults: { path: string; fault: ServerFault }[] = [];
  readonly workFaults: { path: string; detail: string }[] = [];
  readonly #options: TinkerServerOptions;
  readonly #sessions = new Set<string>();
  /** Requests that came with a sequence number, by model. */
  readonly #models = new Map<string, Map<number, string>>();
  readonly #results = new Map<string, { answer: () => Answer | Promise<Answer>; notYet: number }>();
  readonly #saved: SavedCheckpoint[] = [];
  #count = 0;

  constructor(options: TinkerServerOptions) {
    this.#options = options;
  }

  forget(): void {
    for (const memory of [this.#sessions, this.#models, this.#results]) memory.clear();
  }

  async answer(request: IncomingMessage, path: string, body: Buffer): Promise<Answer> {
    const { apiKey, recognises = true } = this.#options;
    if (apiKey !== undefined && request.headers["x-api-key"] !== apiKey) return refusal(401, "Invalid API key");
    if (request.method === "DELETE") return this.#delete(path);
    const archive = /^\/training_runs\/([^/]+)\/checkpoints\/([^/]+)\/(archive|download)$/.exec(path);
    if (archive !== null) return this.#archive(request, archive[1]!, archive[2]!, archive[3]!);
    if (request.method === "GET") return this.#get(path);
    if (path === "/forward_backward" && request.headers["content-type"] !== "application/x-protobuf") {
      if (this.#options.format !== "json") return refusal(415, "forward_backward requires a protobuf body");
    }
    if (path === "/forward_backward" || path === "/forward") {
      const pass = await readPass(body, request.headers, path);
      const type = pass.forwardOnly ? "forward" : "forward_backward";
      const losses = this.#options.losses ?? ["cross_entropy", "importance_sampling", "ppo", "cispo"];
      if (!losses.includes(pass.loss)) return refusal(422, [{ loc: ["loss_fn"], msg: `Input should be ${losses}` }]);
      const result = () => answerPass(pass, this.#options);
      return this.#submit({ type, model: pass.model, pass }, pass.seqId, recognises, result);
    }
    return this.#post(path, JSON.parse(body.toString() || "{}") as Record<string, unknown>);
  }

  #post(path: string, body: Record<string, unknown>): Answer {
    const { recognises = true } = this.#options;
    const model = body.model_id as string;
    const seqId = body.seq_id as number | undefined;
    switch (path) {
      case "/create_session": {
        const id = `session_${this.#count++}`;
        this.#sessions.add(id);
        return json({ session_id: id });
      }
      case "/session_heartbeat":
        return this.#sessions.has(body.session_id as string) ? json({}) : refusal(404, "Session not found");
      case "/create_model": {
        if (!this.#sessions.has(body.session_id as string)) return refusal(404, "Session not found");
        const id = `model_${this.#count++}`;
        this.#models.set(id, new Map());
        const answer = this.#submit({ type: "create_model", model: id, body }, undefined, false, () =>
          json({ model_id: id }),
        );
        return json({ ...JSON.parse(answer.body as string), model_id: id });
      }
      case "/optim_step": {
        const metrics = { "skyrl.ai/grad_norm": this.#options.gradNorm?.() ?? 0.5, "skyrl.ai/learning_rate": 1e-4 };
        // Python writes NaN as it is; JSON has none.
        const result = () =>
          json({ metrics: mapValues(metrics, (value) => (Number.isFinite(value) ? value : String(value))) });
        return this.#submit({ type: "optim_step", model, body }, seqId, recognises, result);
      }
      case "/save_weights":
      case "/save_weights_for_sampler": {
        const type = path === "/save_weights" ? "training" : "sampler";
        const name = body.path as string;
        if (!this.#models.has(model)) return refusal(404, "Model not found");
        if (this.#saved.some((each) => each.model === model && each.type === type && each.name === name)) {
          return refusal(409, `Checkpoint '${name}' already exists for model '${model}'`);
        }
        this.#saved.push({ model, type, name });
        const kept = type === "training" ? `tinker://${model}/weights/${name}` : `tinker://${model}/${name}`;
        return this.#submit({ type: path.slice(1), model, body }, undefined, false, () => json({ path: kept }));
      }
      case "/load_weights": {
        if (this.effects.some((each) => each.model === model && each.type !== "create_model")) {
          return refusal(400, "LoadWeights is not permitted with seq_id 2");
        }
        const known = this.#saved.some((each) => `tinker://${each.model}/weights/${each.name}` === body.path);
        if (!known) return refusal(404, `Checkpoint not found: ${body.path as string}`);
        return this.#submit({ type: "load_weights", model, body }, undefined, false, () =>
          json({ type: "load_weights" }),
        );
      }
      case "/unload_model":
        return this.#submit({ type: "unload_model", model, body }, undefined, false, () =>
          json({ status: "unloaded" }),
        );
      case "/asample":
        return this.#submit({ type: "asample", body }, undefined, false, () => answerSample(body, this.#options));
      case "/retrieve_future":
        return this.#retrieve(body.request_id as string) as Answer;
      case "/get_info":
        if (!this.#models.has(model)) return refusal(404, "Model not found");
        return json({
          model_id: model,
          status: "created",
          model_data: { base_model: "tiny", lora_config: { rank: 8 } },
        });
      case "/weights_info":
        return json({ base_model: "tiny", is_lora: true, lora_rank: 8 });
      default:
        return refusal(404, "Not Found");
    }
  }

  #submit(effect: Effect, seqId: number | undefined, recognises: boolean, result: () => Answer): Answer {
    const known = effect.model === undefined ? new Map<number, string>() : this.#models.get(effect.model);
    if (known === undefined) return refusal(404, "Model not found");
    const earlier = recognises && seqId !== undefined ? known.get(seqId) : undefined;
    if (earlier !== undefined) return json({ future_id: earlier, request_id: earlier });
    const id = String(this.#count++);
    if (seqId !== undefined) known.set(seqId, id);
    this.effects.push(effect);
    const place = this.workFaults.findIndex(({ path }) => path === `/${effect.type}`);
    const detail = place === -1 ? undefined : this.workFaults.splice(place, 1)[0]!.detail;
    const answer = detail === undefined ? result : () => refusal(400, detail);
    this.#results.set(id, { answer, notYet: this.#options.notYet ?? 0 });
    return json({ future_id: id, request_id: id, status: "pending" });
  }

  #retrieve(id: string): Answer | Promise<Answer> {
    const result = this.#results.get(id);
    if (result === undefined) return refusal(404, "Future not found");
    if (result.notYet-- > 0) return refusal(408, "Timeout waiting for result");
    return result.answer();
  }

  #get(path: string): Answer {
    if (path === "/healthz") return json({ status: "ok" });
    if (path === "/get_server_capabilities") return json({ supported_models: [{ model_name: "tiny" }] });
    if (path === "/training_runs") {
      const run = (id: string) => ({
        training_run_id: id,
        base_model: "tiny",
        lora_rank: 8,
        last_request_time: "2026-01-01T00:00:00Z",
      });
      return json({
        training_runs: [...this.#models.keys()].map(run),
        cursor: { offset: 0, limit: 100, total_count: this.#models.size },
      });
    }
    const model = /^\/training_runs\/([^/]+)\/checkpoints$/.exec(path)?.[1];
    if (model === undefined) return refusal(404, "Not Found");
    const checkpoints = this.#saved
      .filter((each) => each.model === model)
      .map(({ type, name }) => ({
        ...{ checkpoint_id: name, checkpoint_type: type, time: "2026-01-01T00:00:00Z" },
        tinker_path: `tinker://${model}/${type === "training" ? "weights" : "sampler_weights"}/${name}`,
      }));
    return json({ checkpoints });
  }

  async #archive(request: IncomingMessage, model: string, name: string, last: string): Promise<Answer> {
    const known = this.#saved.some((each) => each.model === model && each.name === name && each.type === "sampler");
    if (!known) return refusal(404, `Checkpoint not found: ${model}/${name}`);
    if (last === "archive") {
      const location = `http://${request.headers.host}/api/v1/training_runs/${model}/checkpoints/${name}/download`;
      return { status: 302, headers: { location }, body: "" };
    }
    const files = { "adapter_config.json": '{"r": 8}', "adapter_model.safetensors": "weights" };
    return { status: 200, contentType: "application/octet-stream", body: await makeArchive(files) };
  }

  #delete(path: string): Answer {
    const match = /^\/training_runs\/([^/]+)\/checkpoints\/(weights|sampler_weights)\/([^/]+)$/.exec(path);
    const type = match?.[2] === "weights" ? "training" : "sampler";
    const place = this.#saved.findIndex(
      (each) => each.model === match?.[1] && each.type === type && each.name === match[3],
    );
    if (place === -1) return refusal(404, "Checkpoint not found");
    this.#saved.splice(place, 1);
    return { status: 204, body: "" };
  }
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

export type { Answer };
