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
    const opening = matchAt(/\s*<(think|thinking)>/iy, text, start);
    if (opening === null) break;
    const closing = new RegExp(`</${opening[1]}>`, "gi");
    closing.lastIndex = start + opening[0].length;
    if (!closing.test(text)) return { text: blank(text), answerStart: text.length, unclosed: true };
    start = closing.lastIndex;
  }
  if (start === 0) {
    const orphan = /^[ \t]*<\/(?:think|thinking)>[ \t]*$/im.exec(text);
    if (orphan !== null) start = orphan.index + orphan[0].length;
  }
  if (start > 0) start += matchAt(/\s*/y, text, start)![0].length;
  return { text: blank(text.slice(0, start)) + text.slice(start), answerStart: start, unclosed: false };
}

/** The match of a sticky expression that begins at `at`. */
function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

/** Spaces in place of everything but line breaks. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
