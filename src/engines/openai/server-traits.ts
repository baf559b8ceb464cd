import type { Dialect } from "./options.ts";

/** What is known of a server. Starts with what its dialect says; refusals teach the rest, once per engine. */
export interface ServerTraits {
  readonly dialect: Dialect;
  /** Name of vLLM's member for structured output: `guided_regex` in versions before 0.11. */
  readonly vllmGuided: boolean;
  maxTokensMember: "max_tokens" | "max_completion_tokens";
  /** Whether one request can give several choices. */
  manyChoices: boolean;
  logprobs: boolean;
  topLogprobs: number;
  streamUsage: boolean;
}

export function initialTraits(dialect: Dialect, vllmGuided = false): ServerTraits {
  return {
    dialect,
    vllmGuided,
    maxTokensMember: "max_tokens",
    manyChoices: true,
    logprobs: true,
    topLogprobs: 20,
    streamUsage: true,
  };
}

/**
 * Learns from a refusal what the server does not take, so that the same request can be sent again without it. Returns
 * whether the body that was refused held something that is now left out or named otherwise; so it ends after a few.
 */
export function learnFromRefusal(traits: ServerTraits, sent: Record<string, unknown>, message: string): boolean {
  if (
    "max_tokens" in sent &&
    /max_completion_tokens/.test(message) &&
    /unsupported|not supported|instead/i.test(message)
  ) {
    traits.maxTokensMember = "max_completion_tokens";
    return true;
  }
  if ("stream_options" in sent && /stream_options/.test(message)) {
    traits.streamUsage = false;
    return true;
  }
  if ("top_logprobs" in sent && /logprobs/.test(message)) {
    const limit =
      /(?:at most|maximum(?: of)?|max(?:imum)? allowed[^\d]*|less than or equal to|<=|up to|between 0 and)\s*(\d+)/i.exec(
        message,
      );
    const most = limit === null ? 0 : Number(limit[1]);
    if (most >= 1 && most < (sent.top_logprobs as number)) traits.topLogprobs = Math.min(traits.topLogprobs, most);
    else traits.logprobs = false;
    return true;
  }
  if (typeof sent.n === "number" && sent.n > 1 && refusesMany(message)) {
    traits.manyChoices = false;
    return true;
  }
  return false;
}

function refusesMany(message: string): boolean {
  return (
    /(^|[^a-z_])["'`]?n["'`]?\s*(>|=|:|must|is not|cannot|should|!=|larger)/i.test(message) ||
    /"param"\s*:\s*"n"/.test(message)
  );
}
