import { open } from "node:fs/promises";
import { GgufCursor } from "./gguf-cursor.ts";
import { ggufMagic, ggufValueBytes, ggufValueType } from "./gguf-types.ts";
import { ModelError, systemCode } from "./model-error.ts";

/** What a GGUF file says about itself. */
export interface GgufInfo {
  version: number;
  /** `qwen3`, `llama`, ... */
  architecture: string;
  /** `model`, `adapter`, `mmproj`, ...; older files do not say. */
  type: string | undefined;
  name: string | undefined;
  license: string | undefined;
  /** Longest context the model was trained for, in tokens. */
  contextLength: number | undefined;
  /** Attention heads of queries, and of keys and values; undefined where layers differ. */
  heads: number | undefined;
  keyValueHeads: number | undefined;
  /** Number of weights in this file (of one shard, where a model is split). */
  parameterCount: number;
  /** Whether a chat template is inside. */
  chatTemplate: boolean;
  bytes: number;
}

const maxKeyBytes = 65_535;

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian): metadata and tensor shapes, no weights. Arrays,
 * such as the vocabulary, are skipped. Throws a `ModelError` `not-gguf` for anything else, or a file whose header or
 * tensors reach beyond its end.
 */
export async function readGgufInfo(path: string): Promise<GgufInfo> {
  const file = await open(path, "r").catch((error: unknown) => {
    const missing = systemCode(error) === "ENOENT";
    const problem = missing ? "no such file" : `cannot be read: ${(error as Error).message}`;
    throw new ModelError(missing ? "model-not-found" : "not-gguf", `${path}: ${problem}`, { cause: error });
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new ModelError("not-gguf", `${path}: not a file. Give the path of a .gguf file`);
    const cursor = new GgufCursor(file, path, stats.size);
    const version = await readMagic(cursor, path);
    const tensorCount = await cursor.u64();
    const metadata = await readMetadata(cursor);
    const parameterCount = await countParameters(cursor, tensorCount);
    const architecture = text(metadata, "general.architecture");
    if (architecture === undefined) throw cursor.damaged("the metadata has no general.architecture");
    return {
      version,
      architecture,
      type: text(metadata, "general.type"),
      name: text(metadata, "general.name"),
      license: text(metadata, "general.license"),
      contextLength: number(metadata, `${architecture}.context_length`),
      heads: number(metadata, `${architecture}.attention.head_count`),
      keyValueHeads: number(metadata, `${architecture}.attention.head_count_kv`),
      parameterCount,
      chatTemplate: text(metadata, "tokenizer.chat_template") !== undefined,
      bytes: stats.size,
    };
  } finally {
    await file.close();
  }
}

async function readMagic(cursor: GgufCursor, path: string): Promise<number> {
  const magic = cursor.size < 24 ? "" : (await cursor.bytes(4)).toString("latin1");
  if (magic !== ggufMagic)
    throw new ModelError(
      "not-gguf",
      `${path}: not a GGUF file (it does not begin with "GGUF"). Give the path of a .gguf file`,
    );
  const version = await cursor.u32();
  if (version !== 2 && version !== 3)
    throw new ModelError(
      "not-gguf",
      `${path}: GGUF version ${version}, expected 2 or 3 (little-endian). Convert the model anew`,
    );
  return version;
}

type Metadata = Map<string, string | number>;

async function readMetadata(cursor: GgufCursor): Promise<Metadata> {
  const metadata: Metadata = new Map();
  const count = await cursor.u64();
  for (let index = 0; index < count; index++) {
    const keyBytes = await cursor.u64();
    if (keyBytes > maxKeyBytes) throw cursor.damaged(`a key of ${keyBytes} bytes`);
    const key = (await cursor.bytes(keyBytes)).toString("utf8");
    const type = await cursor.u32();
    if (type === ggufValueType.string) metadata.set(key, await cursor.text());
    else if (type === ggufValueType.uint32) metadata.set(key, await cursor.u32());
    else if (type === ggufValueType.uint64) metadata.set(key, await cursor.u64());
    else await skipValue(cursor, type);
  }
  return metadata;
}

async function skipValue(cursor: GgufCursor, type: number): Promise<void> {
  const size = ggufValueBytes[type];
  if (size !== undefined) return cursor.skip(size);
  if (type === ggufValueType.string) return cursor.skip(await cursor.u64());
  if (type !== ggufValueType.array) throw cursor.damaged(`a value of the unknown type ${type}`);
  const itemType = await cursor.u32();
  const count = await cursor.u64();
  const itemSize = ggufValueBytes[itemType];
  if (itemSize !== undefined) return cursor.skip(itemSize * count);
  for (let index = 0; index < count; index++) await skipValue(cursor, itemType);
}

/** Sum of the tensors' element counts. Also sees whether the file ends before the last tensor begins. */
async function countParameters(cursor: GgufCursor, tensorCount: number): Promise<number> {
  let parameters = 0;
  let lastOffset = -1;
  for (let index = 0; index < tensorCount; index++) {
    await cursor.skip(await cursor.u64());
    const dimensions = await cursor.u32();
    if (dimensions > 8) throw cursor.damaged(`a tensor of ${dimensions} dimensions`);
    let elements = 1;
    for (let axis = 0; axis < dimensions; axis++) elements *= await cursor.u64();
    await cursor.u32();
    lastOffset = Math.max(lastOffset, await cursor.u64());
    parameters += elements;
  }
  if (cursor.offset + lastOffset >= cursor.size) throw cursor.damaged("its tensors reach beyond its end");
  return parameters;
}

function text(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key);
  return typeof value === "string" ? value : undefined;
}

function number(metadata: Metadata, key: string): number | undefined {
  const value = metadata.get(key);
  return typeof value === "number" ? value : undefined;
}
