import { join } from "node:path";
import { dataDirectory } from "../../core/data-directory.ts";
import { modelIdentity } from "../models/model-identity.ts";
import { type Calibration, calibrate } from "./calibrate.ts";
import { calibrationKey, readCalibrations, writeCalibration } from "./calibration-cache.ts";
import { checkAdapters } from "./check-adapters.ts";
import { EmbeddedEngine, type EmbeddedEngineOptions } from "./embedded-engine.ts";
import { type LlamaBackend, mathCores, openLlamaBackend } from "./llama-backend.ts";

export interface OpenEmbeddedOptions
  extends Partial<
      Pick<EmbeddedEngineOptions, "threads" | "sequences" | "contextTokens" | "maxContextTokens" | "batchTokens">
    >,
    Pick<EmbeddedEngineOptions, "sharePrefixes" | "lookup" | "guided" | "onNotice"> {
  /** GGUF file. */
  modelPath: string;
  /** LoRA adapters (GGUF) and the factor their weights are added with (default 1). */
  lora?: { path: string; scale?: number }[];
  gpu?: "auto" | false;
  /** Where calibrations are kept. Default: `calibrations.json` in the data directory. */
  calibrationFile?: string;
  /** Measure again even if there is a calibration. */
  recalibrate?: boolean;
  /** Ends the opening: loading and calibration. */
  signal?: AbortSignal;
}

/**
 * Loads a model and opens an engine on it. Threads and sequences that are not given come from a calibration, which takes
 * about two seconds the first time a model is used on a machine.
 */
export async function openEmbeddedEngine(options: OpenEmbeddedOptions): Promise<EmbeddedEngine> {
  const lora = options.lora?.map(({ path, scale }) => ({ path, scale: scale ?? 1 }));
  await checkAdapters(lora ?? []);
  const model = await modelIdentity(options.modelPath, lora);
  const backend = await openLlamaBackend({
    modelPath: options.modelPath,
    lora,
    gpu: options.gpu,
    signal: options.signal,
  });
  try {
    const { threads, sequences } =
      options.threads !== undefined && options.sequences !== undefined
        ? { threads: options.threads, sequences: options.sequences }
        : await calibrated(backend, model, options);
    return new EmbeddedEngine({ ...options, backend, model, threads, sequences });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** Loads a model, measures it and keeps the result. */
export async function calibrateModel(
  options: Pick<OpenEmbeddedOptions, "modelPath" | "gpu" | "calibrationFile" | "signal">,
): Promise<Calibration> {
  const model = await modelIdentity(options.modelPath);
  const backend = await openLlamaBackend(options);
  try {
    return await calibrated(backend, model, { ...options, recalibrate: true });
  } finally {
    await backend.close();
  }
}

async function calibrated(
  backend: LlamaBackend,
  model: string,
  options: Pick<
    OpenEmbeddedOptions,
    "threads" | "sequences" | "calibrationFile" | "recalibrate" | "onNotice" | "signal"
  >,
): Promise<Calibration> {
  const file = options.calibrationFile ?? join(dataDirectory(), "calibrations.json");
  const key = calibrationKey(model, backend.gpu);
  const fixed = options.threads !== undefined || options.sequences !== undefined;
  if (!options.recalibrate && !fixed) {
    const known = (await readCalibrations(file))[key];
    if (known !== undefined) return known;
  }
  const calibration = await calibrate(backend, {
    threads: options.threads !== undefined ? [options.threads] : threadCandidates(backend.gpu),
    sequences:
      options.sequences !== undefined ? [options.sequences] : backend.gpu === false ? [1, 4, 8] : [1, 4, 8, 16],
    now: () => performance.now(),
    signal: options.signal,
  });
  if (!fixed) {
    await writeCalibration(file, key, { ...calibration, model, measuredAt: new Date().toISOString() }).catch(
      (error: unknown) => options.onNotice?.(`the calibration could not be kept: ${(error as Error).message}`),
    );
  }
  return calibration;
}

/** 1, 2, 4, ... up to the number of cores; on a GPU the threads hardly matter. */
function threadCandidates(gpu: string | false): number[] {
  const cores = mathCores();
  if (gpu !== false) return [Math.min(4, cores)];
  const candidates: number[] = [];
  for (let threads = 1; threads < cores; threads *= 2) candidates.push(threads);
  return [...candidates, cores];
}
