import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { cpus, hostname } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import { stableHash } from "../../core/hash.ts";
import type { Calibration } from "./calibrate.ts";

const trial = z.object({ threads: z.number(), sequences: z.number(), tokensPerSecond: z.number().optional() });
const entry = z.object({
  threads: z.number(),
  sequences: z.number(),
  tokensPerSecond: z.number(),
  trials: z.array(trial),
  model: z.string(),
  measuredAt: z.string(),
});
const cacheFile = z.record(z.string(), entry);

export type CalibrationEntry = z.infer<typeof entry>;

/** Key of a calibration: this machine, its processor and the model. */
export function calibrationKey(model: string, gpu: string | false): string {
  const processors = cpus();
  return stableHash({ host: hostname(), cpu: processors[0]?.model, cores: processors.length, gpu, model }).slice(0, 16);
}

/** The calibrations kept in a file; none where it is missing or damaged (they are measured again in seconds). */
export async function readCalibrations(path: string): Promise<Record<string, CalibrationEntry>> {
  try {
    return cacheFile.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return {};
  }
}

/** Keeps a calibration. The file is replaced as a whole, so a reader never sees half of it. */
export async function writeCalibration(
  path: string,
  key: string,
  calibration: Calibration & { model: string; measuredAt: string },
): Promise<void> {
  const all = { ...(await readCalibrations(path)), [key]: calibration };
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(all, null, 2)}\n`);
  await rename(temporary, path);
}
