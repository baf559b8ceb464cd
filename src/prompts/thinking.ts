/** A judge's text with the thinking before its answer blanked out. */
export interface MaskedThinking {
  /** As long as the original, so offsets stay valid. */
  text: string;
  /** Where the answer begins (0 without thinking). */
  answerStart: number;
  /** The thinking was opened and never closed: there is no answer. */
  unclosed: boolean;
}

/**
 * Blanks out the thinking before an answer: `<think>...</think>` blocks at its beginning, and, for chat templates that
 * open the block in the prompt, everything up to a `</think>` that stands alone on its line. Tags later in the answer
 * are ordinary text, since a judge may quote a response that has them.
 */
export function maskThinking(text: string): MaskedThinking {
  let start = 0;
  for (;;) {
    const opening = /^\s*<(think|thinking)>/i.exec(text.slice(start));
    if (opening === null) break;
    const closing = text.toLowerCase().indexOf(`</${opening[1]!.toLowerCase()}>`, start + opening[0].length);
    if (closing === -1) return { text: blank(text), answerStart: text.length, unclosed: true };
    start = text.indexOf(">", closing) + 1;
  }
  if (start === 0) {
    const orphan = /^[ \t]*<\/(?:think|thinking)>[ \t]*$/im.exec(text);
    if (orphan !== null) start = orphan.index + orphan[0].length;
  }
  if (start > 0) start += /^\s*/.exec(text.slice(start))![0].length;
  return { text: blank(text.slice(0, start)) + text.slice(start), answerStart: start, unclosed: false };
}

/** Spaces in place of everything but line breaks. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
