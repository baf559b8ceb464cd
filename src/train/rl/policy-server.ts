import type { Engine } from "../../engines/engine.ts";
import type { Sampler } from "../../tinker/sampler.ts";
import type { Trainer } from "../../tinker/trainer.ts";
import type { ChatCodec } from "./rollout/chat-codec.ts";

/** What the RL loop needs of a training server. */
export interface PolicyServer {
  readonly codec: ChatCodec;
  /**
   * A model of its own, in place of the one before: as `from` has it, saved training weights with their optimiser state, else
   * in its first state, which is the base model with a fresh adapter or the one that training is to begin with.
   */
  openTrainer(options?: { from?: string; signal?: AbortSignal }): Promise<Trainer>;
  /** A sampler of the first state, whatever became of the model since: the reference of the KL penalty. */
  openReference(signal?: AbortSignal): Promise<Sampler>;
  /** A sampler of weights that were saved for samplers of the model that was opened last. */
  openSampler(path: string, signal?: AbortSignal): Promise<Sampler>;
  /** An engine of the same weights, for a judge. */
  openEngine(path: string, signal?: AbortSignal): Promise<Engine>;
  /** Deletes weights that are no longer wanted. Default: they are left. */
  deleteWeights?(path: string): Promise<void>;
}
