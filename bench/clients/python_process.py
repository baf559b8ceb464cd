"""What the Python clients share: their argument, the texts to judge, and the measurement of this process."""

import json
import resource
import sys
import time


def settings():
    """The client's settings: {"url", "inFlight", "pairs": FILE with [query, response] lines, ...}."""
    return json.loads(sys.argv[1])


def read_pairs(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Measurement:
    """Wall-clock and CPU time (user and system) since it was made, and peak memory of the process."""

    def __init__(self):
        self._started = time.perf_counter()
        self._cpu = self._cpu_seconds()

    @staticmethod
    def _cpu_seconds():
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return usage.ru_utime + usage.ru_stime

    def finish(self, **more):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        unit = 2**20 if sys.platform == "darwin" else 2**10
        seconds = time.perf_counter() - self._started
        cpu = self._cpu_seconds() - self._cpu
        print("\n" + json.dumps({"seconds": seconds, "cpuSeconds": cpu, "maxRssMb": peak / unit, **more}))
