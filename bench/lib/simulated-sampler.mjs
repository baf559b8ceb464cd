// A sampler with continuous batching on a virtual clock: nothing is computed, and no time is waited for.
import { deriveSeed, seededRandom } from "../../dist/core/index.js";

/**
 * `slots` sequences are decoded at a time, others wait in line. A decoding step gives every running sequence a token and
 * takes `stepMs(running)` virtual milliseconds. `answerOf(request, random)` makes the answer: `{tokens, text}`.
 */
export class SimulatedSampler {
  now = 0;
  /** Virtual milliseconds times running sequences. */
  slotTime = 0;
  tokens = 0;
  #slots;
  #stepMs;
  #answerOf;
  #running = new Set();
  #waiting = [];
  #ticking = false;
  /** Other things that happen at a virtual time. */
  #timers = [];

  constructor({ slots, stepMs, answerOf }) {
    this.#slots = slots;
    this.#stepMs = stepMs;
    this.#answerOf = answerOf;
  }

  sample(request) {
    const answer = this.#answerOf(request, seededRandom(deriveSeed(request.seed, request.prompt.length)));
    const cut = answer.tokens.length > request.maxTokens;
    const tokens = answer.tokens.subarray(0, request.maxTokens);
    this.tokens += tokens.length;
    return new Promise((resolve) => {
      const sequence = {
        tokens,
        logprobs: new Float32Array(tokens.length).fill(-0.5),
        stopReason: cut ? "length" : "stop",
      };
      this.#waiting.push({ left: tokens.length, done: () => resolve({ sequences: [sequence] }) });
      this.#tickSoon();
    });
  }

  /** Resolves after so much virtual time, in which sampling goes on. */
  sleep(ms) {
    return new Promise((resolve) => {
      this.#timers.push({ at: this.now + ms, resolve });
      this.#tickSoon();
    });
  }

  #tickSoon() {
    if (this.#ticking) return;
    this.#ticking = true;
    // Everything that follows from the last event happens first; it needs no time.
    setImmediate(() => {
      this.#ticking = false;
      this.#tick();
    });
  }

  #tick() {
    while (this.#running.size < this.#slots && this.#waiting.length > 0) this.#running.add(this.#waiting.shift());
    const running = this.#running.size;
    const stepMs = this.#stepMs(running);
    const steps = running === 0 ? Infinity : Math.min(...[...this.#running].map(({ left }) => left));
    const timer = Math.min(Infinity, ...this.#timers.map(({ at }) => at - this.now));
    const elapsed = Math.min(steps * stepMs, timer);
    if (elapsed === Infinity) return;
    this.now += elapsed;
    this.slotTime += elapsed * running;
    for (const sequence of this.#running) {
      sequence.left -= elapsed / stepMs;
      if (sequence.left > 1e-6) continue;
      this.#running.delete(sequence);
      sequence.done();
    }
    const due = this.#timers.filter(({ at }) => at <= this.now + 1e-9);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { resolve } of due) resolve();
    if (this.#running.size + this.#waiting.length + this.#timers.length > 0) this.#tickSoon();
  }
}

/** A whole number with a logarithm that is normally distributed about that of the median. */
export function heavyTailed(random, median, sigma) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(1, Math.round(median * Math.exp(sigma * normal)));
}
