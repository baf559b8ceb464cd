"""deepeval's GEval with its steps given (one call per evaluation) under its own runner's concurrency."""

from deepeval import evaluate
from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig
from deepeval.metrics import GEval
from deepeval.models import LocalModel
from deepeval.test_case import LLMTestCase
from python_process import Measurement, read_pairs, settings

try:
    from deepeval.test_case import SingleTurnParams as Params
except ImportError:
    from deepeval.test_case import LLMTestCaseParams as Params

options = settings()
cases = [LLMTestCase(input=query, actual_output=response) for query, response in read_pairs(options["pairs"])]
metric = GEval(
    name="Quality",
    evaluation_steps=["Judge how well the actual output answers the input."],
    evaluation_params=[Params.INPUT, Params.ACTUAL_OUTPUT],
    model=LocalModel(model="stub-judge", base_url=options["url"] + "/v1", api_key="none", temperature=0),
    async_mode=True,
)
measurement = Measurement()
result = evaluate(
    cases,
    [metric],
    async_config=AsyncConfig(max_concurrent=options["inFlight"]),
    display_config=DisplayConfig(show_indicator=False, print_results=False, inspect_after_run=False),
    cache_config=CacheConfig(write_cache=False),
)
scores = [each.metrics_data[0].score for each in result.test_results if each.metrics_data]
scored = sum(1 for score in scores if score is not None)
measurement.finish(evaluations=scored, unscored=len(cases) - scored)
