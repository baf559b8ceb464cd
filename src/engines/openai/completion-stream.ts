import { StringDecoder } from "node:string_decoder";
import { type Completion, type Read, readChunk } from "./completion.ts";

/** Collects a streamed chat completion (server-sent events). */
export class CompletionStream {
  readonly #decoder = new StringDecoder("utf8");
  readonly #choices = new Map<number, Completion["choices"][number]>();
  #usage: Completion["usage"];
  #rest = "";
  #done = false;
  #started = false;
  #failure: Exclude<Read<Completion>, { kind: "value" }> | undefined;

  /** Takes a piece of the body. Returns whether a token has arrived so far. */
  push(chunk: Buffer): boolean {
    this.#rest += this.#decoder.write(chunk);
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop()!;
    for (const line of lines) this.#line(line);
    return this.#started;
  }

  /**
   * The whole completion. A stream that ended before `[DONE]` and before every choice had its finish reason was cut
   * off, and is malformed.
   */
  finish(): Read<Completion> {
    this.#line(this.#rest.trimEnd());
    if (this.#failure !== undefined) return this.#failure;
    const choices = [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
    const finished = choices.length > 0 && choices.every((choice) => choice.finish_reason);
    if (!this.#done && !finished) return { kind: "malformed", problem: "the stream ended before the answer did" };
    return { kind: "value", value: { choices, usage: this.#usage } };
  }

  #line(line: string): void {
    if (!line.startsWith("data:") || this.#failure !== undefined) return;
    const data = line.slice(5).trim();
    if (data === "[DONE]") {
      this.#done = true;
      return;
    }
    const read = readChunk(data);
    if (read.kind !== "value") {
      this.#failure = read;
      return;
    }
    if (read.value.usage) this.#usage = read.value.usage;
    for (const { index, delta, finish_reason, logprobs } of read.value.choices ?? []) {
      const key = index ?? 0;
      const choice = this.#choices.get(key) ?? { index: key, message: { content: "" } };
      this.#choices.set(key, choice);
      choice.message.content += delta?.content ?? "";
      // The first chunk often holds the role alone and is sent before anything is computed.
      this.#started ||= Boolean(delta?.content || delta?.reasoning_content || delta?.reasoning || finish_reason);
      if (delta?.refusal) choice.message.refusal = (choice.message.refusal ?? "") + delta.refusal;
      if (finish_reason) choice.finish_reason = finish_reason;
      if (logprobs?.content) {
        choice.logprobs ??= { content: [] };
        choice.logprobs.content!.push(...logprobs.content);
      }
    }
  }
}
