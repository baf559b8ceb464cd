/** Tokens a generation cost. `cachedPromptTokens` of the prompt were not computed again. */
export interface Usage {
  promptTokens: number;
  cachedPromptTokens: number;
  outputTokens: number;
}

export const noUsage: Usage = { promptTokens: 0, cachedPromptTokens: 0, outputTokens: 0 };

/** Member-wise sum. */
export function addUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    cachedPromptTokens: a.cachedPromptTokens + b.cachedPromptTokens,
    outputTokens: a.outputTokens + b.outputTokens,
  };
}
