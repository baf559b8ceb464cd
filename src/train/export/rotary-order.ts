/**
 * Brings the rows of a query or key projection from the order of Hugging Face's llama, where a head's first half is rotated with its
 * second (rows 0..d/2-1 and d/2..d-1), to llama.cpp's, where neighbours are rotated together (0, d/2, 1, d/2+1, ...). The same rows of
 * lora_b are these: its product with lora_a has them. `values` is [rows, columns]; `heads` divides the rows.
 */
export function interleaveRotaryRows(values: Float32Array, heads: number, columns: number): Float32Array {
  const rows = values.length / columns;
  const half = rows / heads / 2;
  if (!Number.isInteger(half)) throw new RangeError(`${rows} rows cannot be split into ${heads} heads of two halves`);
  const result = new Float32Array(values.length);
  for (let head = 0; head < heads; head++)
    for (let part = 0; part < 2; part++)
      for (let index = 0; index < half; index++) {
        const from = ((head * 2 + part) * half + index) * columns;
        const to = (head * 2 * half + index * 2 + part) * columns;
        result.set(values.subarray(from, from + columns), to);
      }
  return result;
}
