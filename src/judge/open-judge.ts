import { join } from "node:path";
import { dataDirectory } from "../core/data-directory.ts";
import { type EngineOptions, type OpenedEngine, openEngine } from "../engines/open-engine.ts";
import { loadPack } from "../prompts/load-pack.ts";
import type { Pack } from "../prompts/pack.ts";
import { defaultStoreUrl, openStore } from "../store/open-store.ts";
import { type AdaptiveJudgment, rankAdaptively } from "./adaptive-rank.ts";
import { Judge } from "./judge.ts";
import { checkJudgeOptions, type JudgeOptions } from "./judge-options.ts";
import type { Judgment, ResponseJudgment } from "./judgment.ts";
import { byRank } from "./rank-responses.ts";
import { judgeInput, type UserInput } from "./user-input.ts";

export interface OpenJudgeOptions extends EngineOptions, Omit<JudgeOptions, "engine" | "pack" | "store"> {
  /** Name or folder of a prompt pack. Default: what suits the model. */
  pack?: string;
  /** URL of the store, `"none"` for memory only. Default: a file in the data directory. */
  store?: string;
}

/** Where a user's own prompt packs are. */
export function userPacksDirectory(): string {
  return join(dataDirectory(), "packs");
}

/** A judge with the engine and the store that were opened for it. Close it when done. */
export class OpenedJudge extends Judge {
  readonly opened: OpenedEngine;
  readonly #close: () => Promise<void>;

  constructor(options: JudgeOptions, opened: OpenedEngine, close: () => Promise<void>) {
    super(options);
    this.opened = opened;
    this.#close = close;
  }

  /** Evaluates responses; in the order of the input. */
  evaluate(input: UserInput, options: { signal?: AbortSignal } = {}): Promise<Judgment> {
    return this.judge(judgeInput(this.settings.pack, input), options);
  }

  /** Evaluates responses and puts the best first. With a `budget`, votes go where the order is still open. */
  async rank(
    input: UserInput,
    options: { budget?: number; confidence?: number; signal?: AbortSignal } = {},
  ): Promise<(Judgment | AdaptiveJudgment) & { ranking: ResponseJudgment[] }> {
    const { budget, confidence, signal } = options;
    const prepared = judgeInput(this.settings.pack, input);
    const judgment =
      budget === undefined
        ? await this.judge(prepared, { signal })
        : await rankAdaptively(this, prepared, { budget, confidence, signal });
    return { ...judgment, ranking: byRank(judgment.responses) };
  }

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens an engine, a pack and a store, and a judge on them. Without options: the embedded engine with the best model at
 * hand. The model comes last, so that a mistake in the other options is told before anything is downloaded for it.
 */
export async function openJudge(options: OpenJudgeOptions = {}): Promise<OpenedJudge> {
  const { mode, score, criteriaSamples, evaluations, temperature, topP, seed, maxTokens, now } = options;
  const settings = { mode, score, criteriaSamples, evaluations, temperature, topP, seed, maxTokens, now };
  checkJudgeOptions(settings);
  const named = options.pack === undefined ? undefined : await loadUserPack(options.pack);
  const store = await openStore(options.store ?? defaultStoreUrl());
  try {
    const opened = await openEngine(options);
    const close = async () => {
      try {
        await opened.engine.close();
      } finally {
        await store.close();
      }
    };
    try {
      const pack = named ?? (await loadUserPack(opened.suggestedPack));
      return new OpenedJudge({ ...settings, engine: opened.engine, pack, store }, opened, close);
    } catch (error) {
      await opened.engine.close();
      throw error;
    }
  } catch (error) {
    await store.close();
    throw error;
  }
}

function loadUserPack(name: string): Promise<Pack> {
  return loadPack(name, { userDirectory: userPacksDirectory() });
}
