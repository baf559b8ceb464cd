/** Ends a string value that was cut off, so that the beginning of a value is not taken for the value. */
export const cutMark = "\uFFFF";

/**
 * Closes the beginning of a JSON text so that it parses: a string value that was cut off is kept as far as it goes and
 * ends with the cut mark; a member without a value and any other half value are dropped.
 */
export function closeJson(text: string): string {
  const open: string[] = [];
  let safe = 0;
  let safeClosers = "";
  let stringStart = -1;
  let isKey = false;
  let afterColon = false;
  const mark = (end: number) => {
    safe = end;
    safeClosers = open.toReversed().join("");
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (stringStart >= 0) {
      if (character === "\\") at++;
      else if (character === '"') {
        stringStart = -1;
        if (!isKey) mark(at + 1);
      }
      continue;
    }
    if (character === '"') {
      stringStart = at;
      isKey = open.at(-1) === "}" && !afterColon;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? "}" : "]");
      mark(at + 1);
    } else if (character === "}" || character === "]") {
      open.pop();
      mark(at + 1);
    }
    if (character === ":") afterColon = true;
    else if (character === "," || character === "{") afterColon = false;
  }
  if (stringStart < 0 || isKey) return text.slice(0, safe) + safeClosers;
  // An escape that was cut in half is dropped with what is left of it.
  const value = text.replace(/\\(u[0-9a-fA-F]{0,3})?$/, (cut, _, at: number) =>
    backslashesBefore(text, at) % 2 === 0 ? "" : cut,
  );
  return `${value}${cutMark}"${open.toReversed().join("")}`;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text[at - 1 - count] === "\\") count++;
  return count;
}
