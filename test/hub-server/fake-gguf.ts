/** What a fake model claims to be. The weights are a few random-looking bytes. */
export interface FakeGguf {
  architecture?: string;
  type?: string;
  name?: string;
  license?: string;
  contextLength?: number;
  /** Claimed by the shape of one tensor. */
  parameters?: number;
  /** Entries of a vocabulary that a reader has to skip. */
  vocabulary?: number;
  /** Bytes of weights. Default 2,000. */
  dataBytes?: number;
  /** Makes weights of equal length differ. */
  seed?: number;
  version?: number;
}

/** The bytes of a GGUF file with a valid header. */
export function fakeGguf(options: FakeGguf = {}): Buffer {
  const architecture = options.architecture ?? "llama";
  const values: Buffer[] = [
    keyed("general.architecture", 8, text(architecture)),
    ...(options.type === undefined ? [] : [keyed("general.type", 8, text(options.type))]),
    ...(options.name === undefined ? [] : [keyed("general.name", 8, text(options.name))]),
    ...(options.license === undefined ? [] : [keyed("general.license", 8, text(options.license))]),
    keyed("general.quantized", 7, Buffer.from([1])),
    keyed(`${architecture}.rope.freq_base`, 6, Buffer.alloc(4)),
    keyed("tokenizer.ggml.tokens", 9, textArray(options.vocabulary ?? 3)),
    keyed("tokenizer.ggml.token_type", 9, Buffer.concat([u32(5), u64(3), Buffer.alloc(12)])),
    keyed(`${architecture}.context_length`, 4, u32(options.contextLength ?? 8192)),
    keyed("tokenizer.chat_template", 8, text("{{ messages }}")),
  ];
  const tensors = [
    Buffer.concat([text("token_embd.weight"), u32(2), u64(8), u64((options.parameters ?? 4e9) / 8), u32(0), u64(0)]),
    Buffer.concat([text("output_norm.weight"), u32(1), u64(0), u32(0), u64(32)]),
  ];
  const head = [Buffer.from("GGUF"), u32(options.version ?? 3), u64(tensors.length), u64(values.length)];
  let state = options.seed ?? 1;
  const data = Buffer.from(
    Array.from({ length: options.dataBytes ?? 2_000 }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    }),
  );
  return Buffer.concat([...head, ...values, ...tensors, data]);
}

function keyed(key: string, type: number, value: Buffer): Buffer {
  return Buffer.concat([text(key), u32(type), value]);
}

function textArray(count: number): Buffer {
  return Buffer.concat([u32(8), u64(count), ...Array.from({ length: count }, (_, index) => text(`token ${index}`))]);
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
