"""llama-cpp-python as it comes (it keeps the longest common prefix of successive prompts), one prompt after the other.

Settings: {"model", "threads", "tasks": FILE, "contextTokens", "maxTokens", "fixed"}. The file holds one list of prompt
tokens per line. "fixed": exactly maxTokens tokens each, whatever they are; else up to maxTokens, until the model ends
its answer. Prints {"seconds", "outputTokens", "texts": FILE}.
"""

import json
import sys
import time

from llama_cpp import Llama

options = json.loads(sys.argv[1])
with open(options["tasks"], encoding="utf-8") as lines:
    prompts = [json.loads(line) for line in lines]
llm = Llama(
    model_path=options["model"],
    n_ctx=options["contextTokens"],
    n_threads=options["threads"],
    n_threads_batch=options["threads"],
    n_gpu_layers=0,
    verbose=False,
)
llm.create_completion(prompt=[llm.token_bos()], max_tokens=2, temperature=0.0)
llm.reset()

started = time.perf_counter()
output_tokens = 0
answers = []
for prompt in prompts:
    if options["fixed"]:
        tokens = []
        for token in llm.generate(prompt, temp=0.0, repeat_penalty=1.0):
            tokens.append(token)
            if len(tokens) == options["maxTokens"]:
                break
        output_tokens += len(tokens)
        answers.append({"text": llm.detokenize(tokens).decode("utf-8", "replace"), "finishReason": "length"})
    else:
        done = llm.create_completion(
            prompt=prompt, max_tokens=options["maxTokens"], temperature=0.0, repeat_penalty=1.0
        )
        output_tokens += done["usage"]["completion_tokens"]
        choice = done["choices"][0]
        answers.append({"text": choice["text"], "finishReason": choice["finish_reason"]})
seconds = time.perf_counter() - started
with open(options["tasks"] + ".answers", "w", encoding="utf-8") as out:
    for answer in answers:
        out.write(json.dumps(answer) + "\n")
print("\n" + json.dumps({"seconds": seconds, "outputTokens": output_tokens, "answers": options["tasks"] + ".answers"}))
