import { createReadStream } from "node:fs";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { stableHash } from "../../core/hash.ts";
import type { EngineCapabilities, EngineIdentity, GenerateRequest, Generation } from "../engine.ts";

const headerSchema = z.object({
  recording: z.literal(1),
  identity: z.object({ engine: z.string(), model: z.string() }),
  capabilities: z.object({
    forms: z.enum(["native", "grammar", "none"]),
    logprobs: z.boolean(),
    sharedPrefix: z.boolean(),
    tokens: z.boolean(),
  }),
});

const tokenSchema = z.object({ id: z.number().optional(), text: z.string(), logprob: z.number() });

const exchangeSchema = z.object({
  key: z.string(),
  generations: z.array(
    z.object({
      text: z.string(),
      finishReason: z.enum(["stop", "length"]),
      usage: z.object({ promptTokens: z.number(), cachedPromptTokens: z.number(), outputTokens: z.number() }),
      tokens: z.array(tokenSchema.extend({ top: z.array(tokenSchema).optional() })).optional(),
      choices: z
        .array(
          z.object({
            name: z.string(),
            offset: z.number(),
            chosen: z.string(),
            options: z.array(z.string()),
            probabilities: z.array(z.number()),
            mass: z.number(),
          }),
        )
        .optional(),
      milliseconds: z.number(),
    }),
  ),
});

/** First line of a recording: whose answers these are. */
export interface RecordingHeader {
  recording: 1;
  identity: EngineIdentity;
  capabilities: EngineCapabilities;
}

/** A further line: the generations of one request. */
export interface Exchange {
  key: string;
  generations: Generation[];
}

export interface Recording {
  header: RecordingHeader;
  /** Bytes of the file up to the end of its last whole line. */
  wholeBytes: number;
}

/** Key of a request in a recording. Affinity says where to send it, not what is asked, so it is left out. */
export function requestKey(request: GenerateRequest): string {
  return stableHash({ ...request, affinity: undefined });
}

/**
 * Reads a recording line by line. A last line that was cut off by a kill is left out; any other line that cannot be read
 * is an `InputError` with file and line, and so is a file that is no recording. Undefined for an empty file.
 */
export async function readRecording(
  file: string,
  onExchange: (exchange: Exchange) => void,
): Promise<Recording | undefined> {
  let header: RecordingHeader | undefined;
  let wholeBytes = 0;
  let number = 0;
  for await (const { text, whole } of readLines(file)) {
    number++;
    if (!whole) break;
    const json = parseJson(text);
    if (header === undefined) {
      const parsed = headerSchema.safeParse(json);
      if (!parsed.success)
        throw new InputError("is not the head of a recording; record again into a new file", { file, line: 1 });
      header = parsed.data;
    } else {
      const parsed = exchangeSchema.safeParse(json);
      if (!parsed.success) {
        const issue = parsed.error.issues[0]!;
        const problem = json === undefined ? "not JSON" : `${issue.path.join(".")}: ${issue.message}`;
        throw new InputError(`is not a recorded exchange (${problem}); remove the line or record again`, {
          file,
          line: number,
        });
      }
      onExchange(parsed.data);
    }
    wholeBytes += Buffer.byteLength(text) + 1;
  }
  return header === undefined ? undefined : { header, wholeBytes };
}

async function* readLines(file: string): AsyncGenerator<{ text: string; whole: boolean }> {
  let rest: Buffer[] = [];
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      rest.push(chunk.subarray(from, end));
      yield { text: Buffer.concat(rest).toString("utf8"), whole: true };
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield { text: Buffer.concat(rest).toString("utf8"), whole: false };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
