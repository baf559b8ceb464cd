"""OpenJudge as a judge: one call per evaluation, a prompt of its own graders' kind, its own runner's concurrency."""

import asyncio

from loguru import logger
from openjudge.graders.llm_grader import LLMGrader
from openjudge.models.openai_chat_model import OpenAIChatModel
from openjudge.runner.grading_runner import GraderConfig, GradingRunner
from python_process import Measurement, read_pairs, settings

TEMPLATE = """Judge how well the response answers the query, from 0 to 10.

Query:
{query}

Response:
{response}

Output JSON: {{"reason": "<explanation>", "score": <integer>}}"""


async def main():
    options = settings()
    pairs = [{"query": query, "response": response} for query, response in read_pairs(options["pairs"])]
    model = OpenAIChatModel(model="stub-judge", api_key="none", base_url=options["url"] + "/v1", temperature=0)
    grader = LLMGrader(model=model, name="quality", template=TEMPLATE)
    runner = GradingRunner(
        grader_configs={"quality": GraderConfig(grader=grader)},
        max_concurrency=options["inFlight"],
        show_progress=False,
    )
    measurement = Measurement()
    results = await runner.arun(pairs)
    scored = sum(1 for result in results["quality"] if getattr(result, "score", None) is not None)
    measurement.finish(evaluations=scored, unscored=len(pairs) - scored)


logger.remove()
asyncio.run(main())
