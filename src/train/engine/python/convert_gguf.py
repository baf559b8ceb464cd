"""Converts a GGUF language model to a Hugging Face folder: python convert_gguf.py MODEL.gguf FOLDER"""

import os
import sys

import torch
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

F32 = 0
# Values of tokenizer.ggml.token_type.
CONTROL, USER_DEFINED = 3, 4


def byte_level(use_regex: bool) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


def split(digits: str) -> pre_tokenizers.PreTokenizer:
    """Words, numbers and the rest as in the tokenizers of Llama 3 and Qwen 2, which differ in the digits of a number."""
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), byte_level(False)])


# How text is cut before merging, by tokenizer.ggml.pre: transformers does not read it, and gives all of them GPT-2's way.
PRE_TOKENIZERS = {
    "gpt-2": byte_level(True),
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(True)]),
    "llama-bpe": split("{1,3}"),
    "qwen2": split(""),
}


def read(reader: GGUFReader, key: str):
    field = reader.get_field(f"tokenizer.{key}")
    return None if field is None else field.contents()


def byte_pair_tokenizer(reader: GGUFReader) -> PreTrainedTokenizerFast:
    tokens, types = read(reader, "ggml.tokens"), read(reader, "ggml.token_type")
    pre = read(reader, "ggml.pre")
    if pre not in PRE_TOKENIZERS:
        raise SystemExit(f"tokenizer.ggml.pre is {pre}, expected one of {', '.join(PRE_TOKENIZERS)}")
    vocabulary = {token: index for index, token in enumerate(tokens)}
    merges = [tuple(merge.split(" ")) for merge in read(reader, "ggml.merges")]
    tokenizer = Tokenizer(BPE(vocabulary, merges, ignore_merges=pre == "llama-bpe"))
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre]
    tokenizer.decoder = decoders.ByteLevel()
    if pre == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    for kind in (CONTROL, USER_DEFINED):
        added = [AddedToken(token, normalized=False, special=kind == CONTROL) for token, t in zip(tokens, types) if t == kind]
        tokenizer.add_tokens(added) if kind == USER_DEFINED else tokenizer.add_special_tokens(added)
    names = {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}
    ids = {short: read(reader, f"ggml.{name}_token_id") for short, name in names.items()}
    special = {f"{short}_token": tokens[index] for short, index in ids.items() if index is not None}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)


def main(path: str, folder: str) -> None:
    reader = GGUFReader(path)
    base, name = os.path.split(path)
    is_byte_pair = read(reader, "ggml.model") == "gpt2"
    tokenizer = byte_pair_tokenizer(reader) if is_byte_pair else AutoTokenizer.from_pretrained(base, gguf_file=name)
    tokenizer.chat_template = read(reader, "chat_template")
    tokenizer.save_pretrained(folder)
    # Quantised weights have less than bfloat16's precision; it is the faster type. What is float32 stays float32.
    weights = [tensor for tensor in reader.tensors if len(tensor.shape) > 1]
    exact = all(tensor.tensor_type == F32 for tensor in weights)
    model = AutoModelForCausalLM.from_pretrained(base, gguf_file=name, dtype=torch.float32 if exact else torch.bfloat16)
    model.save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
