import { writeAtomically } from "../../engines/models/write-atomically.ts";

/** A tensor to be written; its data is asked for when its turn comes, so that one at a time is in memory. */
export interface TensorData {
  name: string;
  bytes: number;
  data(): Promise<Buffer>;
}

/** Writes a header and tensors one after the other; the file appears under its name when it is complete. */
export async function writeTensorFile(
  path: string,
  header: Buffer,
  tensors: readonly TensorData[],
  options: {
    /** What stands in the file for a tensor's data. */ layOut?: (data: Buffer) => Buffer;
    signal?: AbortSignal;
  },
): Promise<void> {
  const { layOut = (data) => data, signal } = options;
  await writeAtomically(path, `${path}.part`, async (file) => {
    await file.writeFile(header);
    for (const tensor of tensors) {
      signal?.throwIfAborted();
      const data = await tensor.data();
      if (data.length !== tensor.bytes)
        throw new Error(`${tensor.name}: got ${data.length} bytes, expected ${tensor.bytes}`);
      await file.writeFile(layOut(data));
    }
  });
}
