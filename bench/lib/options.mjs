import { parseArgs } from "node:util";

/** Bad usage: the message is for the user, the exit code 2. */
export class UsageError extends Error {
  exitCode = 2;
}

/**
 * Reads `--name value` options. `known` maps a name to `{default, help}`; the type of the default is the option's type:
 * number, string, boolean, or a list (comma-separated) of what it holds. Returns undefined after printing the help.
 */
export function readOptions(name, known, args) {
  const options = Object.fromEntries(
    Object.entries({ ...known, help: { default: false } }).map(([key, { default: value }]) => [
      key,
      { type: typeof value === "boolean" ? "boolean" : "string" },
    ]),
  );
  let values;
  try {
    values = parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${error.message} (see node bench/run.mjs ${name} --help)`);
  }
  if (values.help) {
    console.log(`node bench/run.mjs ${name} [options]\n`);
    for (const [key, { default: value, help }] of Object.entries(known)) {
      const shown = Array.isArray(value) ? value.join(",") : String(value);
      console.log(`  --${key.padEnd(16)} ${help}${shown === "" || value === false ? "" : ` (default ${shown})`}`);
    }
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(known).map(([key, { default: value }]) => [
      key,
      values[key] === undefined ? value : convert(key, values[key], value),
    ]),
  );
}

/** Throws a `UsageError` where an option's values are not all among the allowed ones. */
export function oneOf(name, values, allowed) {
  const wrong = values.find((value) => !allowed.includes(value));
  if (wrong !== undefined) throw new UsageError(`--${name}: expected some of ${allowed.join(",")}, got "${wrong}"`);
}

function convert(key, text, like) {
  if (Array.isArray(like)) {
    const element = like.length > 0 ? like[0] : "";
    return text
      .split(",")
      .filter((part) => part !== "")
      .map((part) => convert(key, part, element));
  }
  if (typeof like !== "number") return text;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new UsageError(`--${key}: expected a whole number, got "${text}"`);
  return value;
}
