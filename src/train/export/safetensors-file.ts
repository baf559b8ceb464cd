import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";

/** Bytes of one element, by the format's name of its type. */
const elementBytes: Record<string, number> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, F8_E4M3: 1, F8_E5M2: 1 },
  ...{ I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
};

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

const size = z.int().nonnegative();
const tensorSchema = z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) });
const headerSchema = z
  .looseObject({ __metadata__: z.record(z.string(), z.string()).optional() })
  .transform(({ __metadata__: metadata = {}, ...tensors }, context) => {
    const parsed = z.record(z.string(), tensorSchema).safeParse(tensors);
    if (parsed.success) return { metadata, tensors: parsed.data };
    context.addIssue(z.prettifyError(parsed.error));
    return z.NEVER;
  });

/** A tensor of a safetensors file. */
export interface TensorInfo {
  name: string;
  /** `F32`, `F16`, `BF16`, ... */
  type: string;
  shape: number[];
  bytes: number;
}

/**
 * An open safetensors file: eight bytes of header length, a JSON header, then the data of all tensors. Close it when done.
 * Source: github.com/huggingface/safetensors, "Format".
 */
export interface SafetensorsFile {
  path: string;
  metadata: Record<string, string>;
  /** By name, in the order of their data. */
  tensors: ReadonlyMap<string, TensorInfo>;
  /** The little-endian data of a tensor. */
  read(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a safetensors file and checks that every tensor lies in it. Throws an `InputError` for anything else. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(error.code === "ENOENT" ? "no such file" : `cannot be read: ${error.message}`, { file: path });
  });
  try {
    const { size } = await file.stat();
    const headerBytes = size < 8 ? Number.NaN : Number((await readExactly(file, 8, 0)).readBigUInt64LE());
    if (!(headerBytes >= 2 && headerBytes <= Math.min(maxHeaderBytes, size - 8)))
      throw new InputError("is no safetensors file: the length of its header makes no sense", { file: path });
    const { metadata, tensors } = parseHeader(await readExactly(file, headerBytes, 8), path);
    const start = 8 + headerBytes;
    const entries = Object.entries(tensors).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
    for (const [name, tensor] of entries) checkTensor(name, tensor, size - start, path);
    const infos = entries.map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]): [string, TensorInfo] => [name, { name, type: dtype, shape, bytes: to - from }],
    );
    return {
      ...{ path, metadata, tensors: new Map(infos), close: () => file.close() },
      read: (name) => {
        const tensor = tensors[name];
        if (tensor === undefined) throw new Error(`${path} holds no tensor ${name}`);
        const [from, to] = tensor.data_offsets;
        return readExactly(file, to - from, start + from);
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function parseHeader(bytes: Buffer, path: string): z.infer<typeof headerSchema> {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString("utf8")));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new InputError(`is no safetensors file: its header cannot be read: ${problem}`, { file: path });
  }
}

function checkTensor(name: string, tensor: z.infer<typeof tensorSchema>, dataBytes: number, file: string): void {
  const [from, to] = tensor.data_offsets;
  const element = elementBytes[tensor.dtype];
  const problem =
    element === undefined
      ? `has the unknown type ${tensor.dtype}`
      : to - from !== tensor.shape.reduce((product, length) => product * length, element)
        ? `has ${to - from} bytes, which is not ${tensor.shape.join(" x ")} of ${tensor.dtype}`
        : to > dataBytes
          ? `ends at byte ${to} of ${dataBytes}: the file is cut off`
          : undefined;
  if (problem !== undefined) throw new InputError(`the tensor ${name} ${problem}`, { file });
}

async function readExactly(file: FileHandle, bytes: number, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(buffer, filled, Math.min(bytes - filled, 1 << 30), position + filled);
    if (bytesRead === 0) throw new Error(`the file ended while it was read, at byte ${position + filled}`);
    filled += bytesRead;
  }
  return buffer;
}
