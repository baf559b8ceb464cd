"""Converts a GGUF language model to a Hugging Face folder: python convert_gguf.py MODEL.gguf FOLDER"""

import os
import sys

import torch
from gguf import GGUFReader
from transformers import AutoModelForCausalLM, AutoTokenizer

F32 = 0


def main(path: str, folder: str) -> None:
    reader = GGUFReader(path)
    # Quantised weights have less than bfloat16's precision; it is the faster type. What is float32 stays float32.
    weights = [tensor for tensor in reader.tensors if len(tensor.shape) > 1]
    exact = all(tensor.tensor_type == F32 for tensor in weights)
    dtype = torch.float32 if exact else torch.bfloat16
    base, name = os.path.split(path)
    tokenizer = AutoTokenizer.from_pretrained(base, gguf_file=name)
    template = reader.get_field("tokenizer.chat_template")
    if template is not None:
        tokenizer.chat_template = template.contents()
    tokenizer.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(base, gguf_file=name, dtype=dtype)
    model.save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
