import { TinkerError } from "./tinker-error.ts";

/** One call of a trainer. */
export interface QueuedCall<T> {
  /** For messages: `optim_step of model_1`. */
  what: string;
  /** A pass adds to the gradient, a step and a load change the weights; nothing depends on the others. */
  kind: "pass" | "step" | "load" | "other";
  /** Hands it to the server under a sequence number; the id its result is asked for with. */
  submit(seqId: number): Promise<string>;
  /** Waits for the result and reads it. */
  result(requestId: string): Promise<T>;
  signal?: AbortSignal;
}

/** A failure and the place of its call in line. */
interface Fault {
  order: number;
  error: TinkerError;
}

/**
 * The calls of one model. They are handed over one at a time, in the order in which they were made, and their results are
 * waited for together. What failed never passes silently into a later step:
 * - once the gradient or the weights are not known to be right (a pass, a step or a load failed after it was handed over, or
 *   its answer was lost), every later call fails, those already handed over as well;
 * - when one of these is refused, calls made before its failure are not handed over, and no step is taken before a new pass.
 */
export class CallQueue {
  /** Ends when the last call in line has been handed over or has failed. Never rejects. */
  #handedOver: Promise<unknown> = Promise.resolve();
  /** Ends when the last call in line has its result or has failed. Never rejects. */
  #settled: Promise<unknown> = Promise.resolve();
  #calls = 0;
  #nextSeqId = 1;
  #refusals = 0;
  #lastRefusal: TinkerError | undefined;
  /** Why the server's state is not to be trusted. */
  #broken: Fault | undefined;
  /** Why the gradient lacks a pass that the next step was to have. */
  #missingPass: Fault | undefined;

  run<T>(call: QueuedCall<T>): Promise<T> {
    const order = this.#calls++;
    const refusals = this.#refusals;
    const submitted = this.#handedOver.then(() => this.#submit(call, order, refusals));
    this.#handedOver = settle(submitted);
    const result = this.#result(call, order, submitted, this.#settled);
    this.#settled = settle(result);
    return result;
  }

  async #submit<T>(call: QueuedCall<T>, order: number, refusals: number): Promise<string> {
    const obstacle = this.#obstacle(call, order, refusals);
    if (obstacle !== undefined) {
      if (call.kind === "pass") this.#missingPass = { order, error: obstacle };
      call.signal?.throwIfAborted();
      throw obstacle;
    }
    try {
      const requestId = await call.submit(this.#nextSeqId++);
      if (call.kind === "pass") this.#missingPass = undefined;
      return requestId;
    } catch (thrown) {
      const error = asTinkerError(call.what, thrown);
      if (call.kind !== "other") {
        this.#refusals += 1;
        this.#lastRefusal = error;
        if (call.kind === "pass") this.#missingPass = { order, error };
        if (error.resumable || call.kind === "load") this.#break(order, error);
      }
      throw thrown;
    }
  }

  /** Why a call is not to be handed over. */
  #obstacle<T>(call: QueuedCall<T>, order: number, refusals: number): TinkerError | undefined {
    const notSent = (cause: TinkerError) => brokenOff(call.what, "it was not sent", cause);
    if (call.signal?.aborted) return notSent(new TinkerError("broken-off", `${call.what}: given up`));
    if (this.#broken !== undefined && this.#broken.order < order) return notSent(this.#broken.error);
    if (this.#refusals !== refusals) return notSent(this.#lastRefusal!);
    if (call.kind === "step" && this.#missingPass !== undefined) return notSent(this.#missingPass.error);
    return undefined;
  }

  async #result<T>(
    call: QueuedCall<T>,
    order: number,
    submitted: Promise<string>,
    before: Promise<unknown>,
  ): Promise<T> {
    const requestId = await submitted;
    const [outcome] = await Promise.all([settle(call.result(requestId)), before]);
    const broken = this.#broken;
    if (broken !== undefined && broken.order < order) {
      throw brokenOff(call.what, "its result is not to be trusted", broken.error);
    }
    if (outcome.kind === "value") return outcome.value;
    if (call.kind !== "other") this.#break(order, asTinkerError(call.what, outcome.error));
    throw outcome.error;
  }

  /** The first call in line that failed counts, also where a later one failed before. */
  #break(order: number, error: TinkerError): void {
    if (this.#broken === undefined || order < this.#broken.order) this.#broken = { order, error };
  }
}

type Outcome<T> = { kind: "value"; value: T } | { kind: "error"; error: unknown };

function settle<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (value) => ({ kind: "value", value }),
    (error: unknown) => ({ kind: "error", error }),
  );
}

function brokenOff(what: string, so: string, cause: TinkerError): TinkerError {
  const message = `${what}: ${so}, because an earlier call of this model failed (${cause.message})`;
  return new TinkerError("broken-off", message, { resumable: cause.resumable, cause });
}

/** Whatever else ends a call that is being handed over, such as an aborted signal, leaves its effect unknown. */
function asTinkerError(what: string, error: unknown): TinkerError {
  if (error instanceof TinkerError) return error;
  const message = `${what}: given up before its result came (${(error as Error)?.message ?? error})`;
  return new TinkerError("lost-answer", message, { resumable: true, cause: error });
}
