import { isWithinScale, type Scale } from "../core/scale.ts";

/** What the content of a box says. */
export type ScoreReading =
  /** A number on the scale; `literal` is how it was written, `offset` where it stands in the content. */
  | { kind: "score"; value: number; literal: string; offset: number }
  | { kind: "out-of-scale"; detail: string }
  | { kind: "not-a-number"; detail: string };

const number = /[+\-\u2212]?(?:\d{1,400}(?:[.,]\d{0,40})?|\.\d{1,40})/.source;
const whole = new RegExp(`^(${number})$`);
const outOf = new RegExp(`^(${number})\\s*(?:/|out\\s+of|of)\\s*(${number})$`, "i");
const fraction = new RegExp(`^\\\\[dt]?frac\\{(${number})\\}\\{(${number})\\}$`);
const percent = new RegExp(`^(${number})\\s*\\\\?%$`);

/**
 * Reads the content of a score box: `7.5`, `7.5/10`, `\text{7}`, `\frac{7}{10}`, `7 points`, `**7**`. A decimal comma is
 * read as one (`7,5`), but not a comma with a space or three digits after it. A denominator must be the scale's maximum,
 * or the number is on another scale. Ranges, words and sums are not numbers: nothing is guessed.
 */
export function readScore(content: string, scale: Scale): ScoreReading {
  const text = unwrap(content);
  const shown = content.length > 40 ? `${content.slice(0, 40)}...` : content;
  const parts = outOf.exec(text) ?? fraction.exec(text);
  const literal = (parts ?? whole.exec(text))?.[1];
  const value = literal === undefined ? undefined : toNumber(literal);
  if (literal === undefined || value === undefined) {
    if (percent.test(text)) return { kind: "out-of-scale", detail: `The box holds "${shown}", a percentage.` };
    return { kind: "not-a-number", detail: `The box holds "${shown}", which is not a number.` };
  }
  const range = `${scale.min} to ${scale.max}`;
  if (parts !== null && toNumber(parts[2]!) !== scale.max) {
    return { kind: "out-of-scale", detail: `The box holds "${shown}", not a score from ${range}.` };
  }
  if (!isWithinScale(value, scale)) {
    return { kind: "out-of-scale", detail: `The box holds "${shown}", outside the scale ${range}.` };
  }
  return { kind: "score", value, literal, offset: narrow(content).indexOf(literal) };
}

function toNumber(literal: string): number | undefined {
  if (/,(?:\d{3,})?$/.test(literal)) return undefined;
  // Adding 0 turns -0 into 0.
  return Number(literal.replace(",", ".").replace("\u2212", "-")) + 0;
}

/** Takes off what does not change the meaning: spacing, emphasis, text commands, dollar signs, units, a label. */
function unwrap(content: string): string {
  let text = narrow(content);
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replace(/\\[,;:! ]|~|\\q?quad\b/g, " ")
      .trim()
      .replace(/^\\(?:text|textbf|textit|mathrm|mathbf|mathit|bf|bm|boxed|displaystyle)\s*\{([^{}]*)\}/, "$1")
      .replace(/^\{([^{}]*)\}$/, "$1")
      .replace(/\\text\s*\{([^{}]*)\}$/, "$1")
      .replace(/^\\(?:displaystyle|bf)\b/, "")
      .replace(/^(?:\*\*|__|\*|_|`|\$+|"|\\\()(.*?)(?:\*\*|__|\*|_|`|\$+|"|\\\))$/, "$1")
      .replace(/^(?:(?:overall|final|total)\s+)?(?:score|rating)\s*[:=]\s*/i, "")
      .replace(/\s*(?:points?|pts?\.?|\u5206)$/i, "");
  }
  return text;
}

/** Full-width signs as ASCII, one for one. Compatibility normalisation would also turn a superscript into a digit. */
function narrow(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}
