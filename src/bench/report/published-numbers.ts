/** A number that others have published, in percent as it was printed. */
export interface PublishedNumber {
  /** Name of the benchmark here. */
  benchmark: string;
  model: string;
  value: number;
  /** What exactly the number is, where the benchmark has several. */
  what: string;
  source: string;
}

const ceRm = "CE-RM, arXiv 2601.20327";
const rewardBenchBoard = "RewardBench leaderboard, January 2025 (four-section score)";
const rmBenchPage = "RM-Bench repository, generative baseline with a pairwise prompt";
const judgeBenchOutputs = "recorded outputs in the JudgeBench repository, GPT-4o answers";

/** Published numbers of reward models and judges, by benchmark. Only what stands in the named source. */
export const publishedNumbers: readonly PublishedNumber[] = [
  number("rewardbench", "Skywork-Reward-Gemma-2-27B-v0.2", 94.3, "score", rewardBenchBoard),
  number("rewardbench", "Llama-3.1-Nemotron-70B-Reward", 94.1, "score", rewardBenchBoard),
  number("rewardbench", "Skywork-Reward-Llama-3.1-8B-v0.2", 93.1, "score", rewardBenchBoard),
  number("rewardbench", "CE-RM-4B", 90, "score", ceRm),
  number("rewardbench-2", "CE-RM-4B", 76.3, "mean of six subsets", ceRm),
  number("rm-bench", "DeepSeek-R1", 85.28, "overall", rmBenchPage),
  number("rm-bench", "CE-RM-4B", 83.2, "overall", ceRm),
  number("judgebench", "CE-RM-4B", 76.3, "overall", ceRm),
  number("judgebench", "o1-mini-2024-09-12, arena-hard prompt", 65.71, "overall, two orders", judgeBenchOutputs),
  number("judgebench", "Skywork-Reward-Gemma-2-27B", 64.29, "overall, two orders", judgeBenchOutputs),
  number("ppe", "CE-RM-4B", 75, "mean of five sets", ceRm),
  number(
    "llmbar",
    "GPT-4, pointwise rating",
    83.89,
    "average of both orders, over all pairs",
    "recorded outputs in the LLMBar repository",
  ),
];

/** What is known of one benchmark, the highest first. */
export function publishedFor(benchmark: string): PublishedNumber[] {
  return publishedNumbers.filter((one) => one.benchmark === benchmark).sort((a, b) => b.value - a.value);
}

function number(benchmark: string, model: string, value: number, what: string, source: string): PublishedNumber {
  return { benchmark, model, value, what, source };
}
