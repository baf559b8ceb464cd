/** Numbers of the GGUF specification (github.com/ggml-org/ggml, docs/gguf.md), read and written. */

/** The first four bytes. */
export const ggufMagic = "GGUF";

/** Value types of metadata. */
export const ggufValueType = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

/** Bytes of the value types of fixed size, by their number. */
export const ggufValueBytes: Record<number, number> = {
  [ggufValueType.uint8]: 1,
  [ggufValueType.int8]: 1,
  [ggufValueType.uint16]: 2,
  [ggufValueType.int16]: 2,
  [ggufValueType.uint32]: 4,
  [ggufValueType.int32]: 4,
  [ggufValueType.float32]: 4,
  [ggufValueType.bool]: 1,
  [ggufValueType.uint64]: 8,
  [ggufValueType.int64]: 8,
  [ggufValueType.float64]: 8,
};

/** Tensor types without blocks. */
export const ggufTensorType = { F32: 0, F16: 1, BF16: 30 } as const;

/** Tensors begin at multiples of this many bytes, unless the metadata say otherwise. */
export const ggufAlignment = 32;
