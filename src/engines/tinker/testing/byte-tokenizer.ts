import type { TokenizerFiles } from "../tokenizer-files.ts";

/** Special tokens of the toy tokenizer, from id 300 on. */
export const specials = ["<|begin|>", "<|im_start|>", "<|im_end|>", "<|end|>"];
export const specialId = (text: string) => 300 + specials.indexOf(text);

/** ChatML. */
export const chatMl =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** Byte-level: a token for every byte, for "\n\n" (256), "th" (257) and "the" (258), and the special ones. */
export function byteTokenizer(options: { chatTemplate?: string; eosToken?: string } = {}): TokenizerFiles {
  const letters = byteLetters();
  const [line, t, h, e] = [10, 116, 104, 101].map((byte) => letters[byte]!);
  const pairs = [
    [line, line],
    [t, h],
    [`${t}${h}`, e],
  ];
  const vocabulary = [...letters, ...pairs.map((pair) => pair.join(""))];
  return {
    folder: "toy",
    tokenizer: {
      version: "1.0",
      added_tokens: specials.map((content) => ({ id: specialId(content), content, special: true, normalized: false })),
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        ...{ type: "BPE", dropout: null, unk_token: null, fuse_unk: false, byte_fallback: false },
        vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
        merges: pairs.map((pair) => pair.join(" ")),
      },
    },
    config: {},
    chatTemplate: options.chatTemplate ?? chatMl,
    bosToken: "<|begin|>",
    eosToken: options.eosToken ?? "<|end|>",
    contextTokens: undefined,
    hash: "toy-hash",
  };
}

/** The printable character that stands for each byte in byte-level vocabularies. */
function byteLetters(): string[] {
  const printable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let others = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : others++));
}
