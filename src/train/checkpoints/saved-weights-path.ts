import { chooseCheckpoint, readTrainRun } from "./read-train-run.ts";

/**
 * Saved training weights to begin with: a path as it is (`tinker://...`), or of the directory of a training run those of
 * its best checkpoint, its last where none was measured. Throws `InputError` for a directory without any.
 */
export async function savedWeightsPath(pathOrDirectory: string): Promise<string> {
  if (pathOrDirectory.includes("://")) return pathOrDirectory;
  const run = await readTrainRun(pathOrDirectory);
  const measured = run.checkpoints.some(({ score }) => score !== undefined);
  return chooseCheckpoint(run, measured ? "best" : "last").path;
}
