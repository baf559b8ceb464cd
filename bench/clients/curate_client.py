"""The same stages with datasets and datasketch: {"pairs", "references", "out", "cache", "processes"}.

Every stage is written as their documentation does it: map and filter in several processes, MinHash signatures by
update_batch with a fast hash, one MinHashLSH index in this process, candidates checked by the signatures' similarity.
"""

import re
import resource
import time

import xxhash
from datasets import disable_progress_bars, load_dataset
from datasketch import LeanMinHash, MinHash, MinHashLSH

from python_process import Measurement, settings

PERMUTATIONS = 128
SHINGLE = 3
RUN = 13
THRESHOLD = 0.8
template = MinHash(num_perm=PERMUTATIONS)
gaps = re.compile(r"[^\w]+|_+")
disable_progress_bars()


def words_of(text):
    return gaps.sub(" ", text.lower()).split()


def well_shaped(prompt, chosen, rejected):
    lengths = [len(words_of(text)) for text in (prompt, chosen, rejected)]
    return min(lengths) > 0 and len(prompt) <= 16384 and max(len(chosen), len(rejected)) <= 16384


def key_of(row):
    text = "\n".join(" ".join(words_of(row[name])) for name in ("prompt", "chosen", "rejected"))
    return {"key": xxhash.xxh64_hexdigest(text.encode())}


def signature_of(row):
    shingles = set()
    for name in ("prompt", "chosen", "rejected"):
        words = words_of(row[name])
        shingles.update(" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1)))
    signature = MinHash(hashfunc=xxhash.xxh32_intdigest, permutations=template.permutations, scheme=template.scheme)
    signature.update_batch([shingle.encode() for shingle in shingles])
    return {"signature": signature.hashvalues}


def runs_of(text):
    words = words_of(text)
    return (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


class Clean:
    """Whether none of a row's texts has a run of words in common with the references."""

    def __init__(self, references):
        self.known = {run for row in references for name in ("prompt", "response") for run in runs_of(row[name])}

    def __call__(self, row):
        return not any(run in self.known for name in ("prompt", "chosen", "rejected") for run in runs_of(row[name]))


def main():
    given = settings()
    processes = given["processes"]
    measurement = Measurement()
    stages = []
    began = time.perf_counter()

    def done(name, before, rows):
        nonlocal began
        now = time.perf_counter()
        stages.append({"name": name, "before": before, "after": len(rows), "seconds": now - began})
        began = now
        return rows

    rows = load_dataset("json", data_files=given["pairs"], split="train", cache_dir=given["cache"])
    done("load", len(rows), rows)
    before = len(rows)
    rows = rows.filter(well_shaped, input_columns=["prompt", "chosen", "rejected"], num_proc=processes)
    rows = done("shape and lengths", before, rows)

    before = len(rows)
    keyed = rows.map(key_of, num_proc=processes)
    seen = set()
    first = []
    for at, key in enumerate(keyed["key"]):
        if key not in seen:
            seen.add(key)
            first.append(at)
    rows = done("exact duplicates", before, rows.select(first))

    before = len(rows)
    signed = rows.map(signature_of, num_proc=processes, remove_columns=rows.column_names).with_format("numpy")
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept = {}
    with index.insertion_session() as session:
        at = 0
        for batch in signed.iter(batch_size=1000):
            for values in batch["signature"]:
                signature = LeanMinHash(seed=template.seed, hashvalues=values, scheme=template.scheme)
                if not any((kept[other] == values).mean() >= THRESHOLD for other in index.query(signature)):
                    kept[at] = values
                    session.insert(at, signature, check_duplication=False)
                at += 1
    rows = done("near duplicates", before, rows.select(list(kept)))

    before = len(rows)
    references = load_dataset("json", data_files=given["references"], split="train", cache_dir=given["cache"])
    rows = done("decontamination", before, rows.filter(Clean(references), num_proc=processes))
    rows.to_json(given["out"])
    done("write", len(rows), rows)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    more = {"childrenCpuSeconds": children.ru_utime + children.ru_stime, "childrenMaxRssMb": children.ru_maxrss / 2**10}
    measurement.finish(stages=stages, **more)


if __name__ == "__main__":
    main()
