import { basename } from "node:path";
import { modelNameOf, shardNames, shardOf } from "./gguf-shards.ts";
import { ModelError } from "./model-error.ts";
import { nearNames } from "./near-names.ts";

/** Quantisations by preference: about 4 bits first, where quality per byte is best on a CPU, then larger, then smaller ones. */
const preference = [
  ..."Q4_K_M Q4_K_S Q4_0 Q4_1 Q4_K_L Q4_K_XL IQ4_XS IQ4_NL Q5_K_M Q5_K_S Q5_0 Q5_1 Q6_K Q8_0 MXFP4".split(" "),
  ..."Q3_K_L Q3_K_M Q3_K_S IQ3_M IQ3_S IQ3_XS Q2_K IQ2_M BF16 F16 FP16 F32".split(" "),
];

/**
 * The files of the model to take from a repository: the shards of `wanted`, or those of the preferred quantisation (a single
 * file before shards). Throws a `ModelError` that lists what is there.
 */
export function chooseGguf(files: readonly string[], wanted: string | undefined, where: string): string[] {
  const models = files.filter((file) => /\.gguf$/i.test(file) && !isCompanion(file));
  if (wanted !== undefined) return withShards(files, findWanted(files, wanted, where), where);
  if (models.length === 0)
    throw new ModelError(
      "model-not-found",
      `${where} holds no GGUF model. Look for a repository with "GGUF" in its name, or convert the model with llama.cpp`,
    );
  const candidates = models
    .filter((file) => (shardOf(file)?.index ?? 1) === 1)
    .map((file) => ({ file, rank: rankOf(file), shards: shardOf(file)?.count ?? 1 }))
    .sort((a, b) => a.rank - b.rank || a.shards - b.shards || (a.file < b.file ? -1 : 1));
  const best = candidates[0];
  if (best === undefined || (candidates.length > 1 && best.rank === preference.length))
    throw new ModelError(
      "model-not-found",
      `${where} holds several models and none of a known quantisation. Name one: ${listed(models)}`,
    );
  return withShards(files, best.file, where);
}

function findWanted(files: readonly string[], wanted: string, where: string): string {
  const exact = files.find((file) => file === wanted);
  if (exact !== undefined) return exact;
  const named = files.filter((file) => basename(file) === wanted || shardNames(file)[0] === shardNames(wanted)[0]);
  if (named.length === 1) return named[0]!;
  const ggufs = files.filter((file) => /\.gguf$/i.test(file));
  const near = nearNames(wanted, ggufs);
  throw new ModelError(
    "model-not-found",
    `${where} holds no file ${wanted}. It holds ${listed(near.length > 0 ? near : ggufs)}`,
  );
}

function withShards(files: readonly string[], file: string, where: string): string[] {
  const shards = shardNames(file);
  const missing = shards.filter((shard) => !files.includes(shard));
  if (missing.length > 0)
    throw new ModelError(
      "model-not-found",
      `${where}: ${file} is split in ${shards.length} and lacks ${listed(missing)}. Name another file`,
    );
  return shards;
}

function rankOf(file: string): number {
  const name = modelNameOf(file).toUpperCase();
  const rank = preference.findIndex((quantisation) => new RegExp(`(^|[-._])${quantisation}($|[-.])`).test(name));
  return rank === -1 ? preference.length : rank;
}

/** Files beside a model that are GGUF and not a language model: image encoders, importance matrices, adapters. */
function isCompanion(file: string): boolean {
  return /(^|[-._/])(mmproj|imatrix|lora|vocab)([-._]|$)/i.test(basename(file));
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no GGUF file";
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")} and ${names.length - 12} more`;
}
