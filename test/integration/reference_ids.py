"""Token ids as transformers gives them: python reference_ids.py FOLDER < conversations.json > ids.json

Reads a list of conversations that end with an assistant message. For each: `whole`, all of it in the chat template; `prompt`,
without the last message, up to where the assistant begins to speak; `plain`, its last message alone as plain text.
"""

import json
import sys

from transformers import AutoTokenizer


def main(folder: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)

    def template(messages, **options):
        text = tokenizer.apply_chat_template(messages, tokenize=False, enable_thinking=False, **options)
        return tokenizer(text, add_special_tokens=False)["input_ids"]

    json.dump(
        [
            {
                "whole": template(messages),
                "prompt": template(messages[:-1], add_generation_prompt=True),
                "plain": tokenizer(messages[-1]["content"], add_special_tokens=False, split_special_tokens=True)["input_ids"],
            }
            for messages in json.load(sys.stdin)
        ],
        sys.stdout,
    )


main(sys.argv[1])
