// Orchestration of RL rollouts on a simulated sampler with heavy-tailed lengths: pipelined, with a barrier after each
// stage, and overlapped with training. Time is virtual; the CPU time is this process's own and real.
import { loadPack } from "../dist/prompts/index.js";
import { encodePass } from "../dist/tinker/encode-pass.js";
import { collectRollouts } from "../dist/train/rl/rollout/collect-rollouts.js";
import { RequestQueue } from "../dist/train/rl/rollout/request-queue.js";
import { lossOf, rlSettingsSchema } from "../dist/train/rl/settings.js";
import { sumReduction } from "../dist/train/rl/update/advantage-scales.js";
import { hasAdvantage, judgeRollouts, makeSequences } from "../dist/train/rl/update/make-sequences.js";
import { updatePolicy } from "../dist/train/rl/update/update-policy.js";
import { rolloutMetrics } from "../dist/train/rl/watch/step-metrics.js";
import { readOptions } from "./lib/options.mjs";
import { figure, printHead, ratio, table } from "./lib/report.mjs";
import { heavyTailed, SimulatedSampler } from "./lib/simulated-sampler.mjs";

const known = {
  instances: { default: 64, help: "pairs of a step" },
  steps: { default: 4, help: "steps of each way" },
  slots: { default: 256, help: "sequences that the engine decodes at a time" },
  "step-base": { default: 8000, help: "microseconds of a decoding step" },
  "step-slope": { default: 50, help: "further microseconds of a decoding step for each running sequence" },
  criteria: { default: 300, help: "median tokens of a text of criteria" },
  evaluation: { default: 600, help: "median tokens of an evaluation" },
  tail: { default: 80, help: "percent: standard deviation of the logarithm of lengths" },
  "train-rate": { default: 20000, help: "tokens a second that are trained" },
  model: {
    default: "",
    help: "folder of a model: its tokenizer encodes and decodes (otherwise four characters are a token)",
  },
};

export async function main(args) {
  const options = readOptions("rollout", known, args);
  if (options === undefined) return;
  const pack = await loadPack("default");
  const codec = options.model === "" ? plainCodec : await modelCodec(options.model);
  printHead("Rollouts: one step of two-stage sampling on a simulated engine", ["rollout", ...args]);
  console.log(
    `${options.instances} pairs x (4 criteria + 16 evaluations); lengths log-normal with medians of ${options.criteria} and ${options.evaluation} tokens and sigma ${options.tail / 100}, cut at ${pack.limits.criteria} and ${pack.limits.evaluation}; ` +
      `the engine decodes ${options.slots} sequences at a time, a step takes ${options["step-base"] / 1000} ms + ${options["step-slope"] / 1000} ms a sequence; training ${options["train-rate"]} tokens/s. ` +
      `${options.steps} steps each; tokenizer: ${options.model === "" ? "four characters a token" : "the model's"}.\n`,
  );
  const ways = [
    ["barrier after each stage", { barrier: true }],
    ["pipelined", {}],
    ["pipelined, next step overlaps training", { overlap: true }],
  ];
  const results = [];
  for (const [name, way] of ways) results.push({ name, ...(await runWay(way, { options, pack, codec })) });
  const [{ stepSeconds: slowest }] = results;
  console.log(
    table(
      [
        "way",
        "s a step (virtual)",
        "speed",
        "s of sampling",
        "idle slots while sampling",
        "idle engine in all",
        "CPU s of ours a step",
        "of the step",
      ],
      results.map((result) => [
        result.name,
        figure(result.stepSeconds),
        ratio(slowest, result.stepSeconds),
        figure(result.samplingSeconds),
        `${figure(100 * result.idleSlots, 2)} %`,
        `${figure(100 * result.idleInAll, 2)} %`,
        figure(result.cpuSeconds),
        `${figure((100 * result.cpuSeconds) / result.stepSeconds, 2)} %`,
      ]),
    ),
  );
  console.log(
    "\nThe CPU time holds rendering, encoding, decoding, parsing, rewards, advantages, packing, encoding of the training calls, metrics, and the simulation itself. Sampling that overlaps is counted where it is waited for.",
  );
}

async function runWay({ barrier = false, overlap = false }, { options, pack, codec }) {
  const settings = rlSettingsSchema.parse({ kl: 0, loss: "importance_sampling", instances: options.instances });
  const engine = new SimulatedSampler({
    slots: options.slots,
    stepMs: (running) => (options["step-base"] + options["step-slope"] * running) / 1000,
    answerOf: answerMaker(codec, options),
  });
  const trainer = simulatedTrainer(engine, options["train-rate"]);
  const sampling = { seconds: 0, slotTime: 0 };
  const collect = async (step) => {
    const startedAt = { now: engine.now, slotTime: engine.slotTime };
    const sampler = barrier ? withBarrier(engine, 4 * options.instances) : engine;
    const queue = new RequestQueue(barrier ? Number.POSITIVE_INFINITY : options.slots);
    const context = { sampler, codec, pack, queue, temperature: 1, topP: 1, maxTokens: pack.limits };
    const rollouts = await collectRollouts(context, pairsOf(options.instances), settings, 1000 + step);
    sampling.seconds += (engine.now - startedAt.now) / 1000;
    sampling.slotTime += engine.slotTime - startedAt.slotTime;
    return rollouts;
  };
  const cpu = process.cpuUsage();
  let next;
  for (let step = 0; step < options.steps; step++) {
    const rollouts = await (next ?? collect(step));
    next = overlap && step + 1 < options.steps ? collect(step + 1) : undefined;
    const judged = judgeRollouts(rollouts, settings, step);
    const sequences = makeSequences(judged.filter(hasAdvantage), 0);
    const adam = { learningRate: 1e-5, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0 };
    await updatePolicy(trainer, sequences, {
      ...{
        ...settings,
        loss: lossOf(settings),
        adam,
        reduction: sumReduction,
        tokenBudget: 16384,
        callsInFlight: 8,
        seed: step,
      },
    });
    JSON.stringify(rolloutMetrics(rollouts, judged));
  }
  const { user, system } = process.cpuUsage(cpu);
  const { steps, slots } = options;
  return {
    stepSeconds: engine.now / 1000 / steps,
    samplingSeconds: sampling.seconds / steps,
    idleSlots: 1 - sampling.slotTime / (1000 * sampling.seconds * slots),
    idleInAll: 1 - engine.slotTime / (engine.now * slots),
    cpuSeconds: (user + system) / 1e6 / steps,
  };
}

/** Holds evaluations back until all criteria are there. */
function withBarrier(sampler, criteria) {
  let open;
  const all = new Promise((resolve) => {
    open = resolve;
  });
  let begun = 0;
  let done = 0;
  return {
    async sample(request) {
      const isCriteria = begun++ < criteria;
      if (!isCriteria) await all;
      const result = await sampler.sample(request);
      if (isCriteria && ++done === criteria) open();
      return result;
    },
  };
}

/** Trains nothing, in the time that it would take; the calls are encoded as they would be sent. */
function simulatedTrainer(engine, tokensPerSecond) {
  let freeAt = 0;
  const busy = (tokens) => {
    freeAt = Math.max(freeAt, engine.now) + (1000 * tokens) / tokensPerSecond;
    return engine.sleep(freeAt - engine.now);
  };
  return {
    async forwardBackward(data, loss) {
      encodePass({ modelId: "model", seqId: 1, data, loss, forwardOnly: false });
      await busy(data.reduce((sum, { target }) => sum + target.length, 0));
      return { logprobs: data.map(({ logprobs }) => logprobs.slice()), metrics: {} };
    },
    async optimStep() {
      return { metrics: {} };
    },
  };
}

/** Answers as a judge writes them, of heavy-tailed length. */
function answerMaker(codec, options) {
  const filler = "The response covers what the query asks for, names its sources and keeps to the point. ";
  const criteria =
    "[Start of Criteria]\n1. **Correctness**: what it says is true\n2. **Completeness**: nothing asked for is missing\n3. **Clarity**: it is easy to follow\n[End of Criteria]";
  const evaluation = (score) =>
    `\n1. Correctness: fine \\boxed{4}\n2. Completeness: fine \\boxed{3}\n3. Clarity: fine \\boxed{4}\nOverall: as a whole it does well \\boxed{${score}}`;
  return ({ maxTokens }, random) => {
    const isCriteria = maxTokens === 4096;
    const count = heavyTailed(random, isCriteria ? options.criteria : options.evaluation, options.tail / 100);
    const end = isCriteria ? criteria : evaluation(Math.floor(random() * 11));
    const text = filler.repeat(Math.max(0, Math.round((count * 4 - end.length) / filler.length))) + end;
    return { tokens: codec.encodeText(text) };
  };
}

const plainCodec = {
  encode: (messages) => plainCodec.encodeText(messages.map(({ content }) => content).join("\n")),
  encodeText(text) {
    const bytes = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4));
    return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));
  },
  decode: (tokens) => Buffer.from(tokens.buffer, tokens.byteOffset, tokens.byteLength).toString("latin1"),
};

async function modelCodec(folder) {
  const { openChatCodec } = await import("../dist/engines/tinker/index.js");
  const codec = await openChatCodec(folder);
  const known = new Map();
  return {
    encode: (messages) => codec.encode(messages),
    decode: (tokens) => codec.decode(tokens),
    // What the engine would have sampled is no work of ours: it is looked up.
    encodeText(text) {
      if (!known.has(text)) {
        const prompt = codec.encode([{ role: "user", content: "" }]);
        const whole = codec.renderConversation([
          { role: "user", content: "" },
          { role: "assistant", content: text },
        ]);
        known.set(text, whole.tokens.slice(prompt.length));
      }
      return known.get(text);
    },
  };
}

function pairsOf(count) {
  const sentence = "It should say when the meeting is, who comes, and what is to be prepared. ";
  return Array.from({ length: count }, (_, index) => ({
    id: `pair#${index}`,
    messages: [{ role: "user", content: `Write invitation number ${index}. ${sentence.repeat(4)}` }],
    chosen: sentence.repeat(12),
    rejected: sentence.repeat(10),
    source: "bench",
  }));
}
