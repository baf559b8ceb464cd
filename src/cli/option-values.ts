import { InvalidArgumentError } from "commander";

/** Parser of a repeatable option. */
export function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** The same, with a parser of each. */
export function collectWith<T>(parse: (value: string) => T): (value: string, previous: T[] | undefined) => T[] {
  return (value, previous) => [...(previous ?? []), parse(value)];
}

/** Parser of a whole number of at least `min`. */
export function integer(min: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === "" || !Number.isSafeInteger(number) || number < min)
      throw new InvalidArgumentError(`Expected a whole number of at least ${min}.`);
    return number;
  };
}

/** Parser of a number above 0. */
export function positive(value: string): number {
  const number = nonNegative(value);
  if (number === 0) throw new InvalidArgumentError("Expected a number above 0.");
  return number;
}

/** Parser of a number of at least 0. */
export function nonNegative(value: string): number {
  const number = Number(value);
  if (value.trim() === "" || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError("Expected a number of at least 0.");
  return number;
}

/** Parser of `FILE` or `FILE=SCALE`; scale 1 where it is left out. */
export function loraAdapter(value: string): { path: string; scale: number } {
  const match = /^(.*)=([\d.]+)$/.exec(value);
  if (match === null) return { path: value, scale: 1 };
  const scale = Number(match[2]);
  if (!Number.isFinite(scale)) throw new InvalidArgumentError("Expected FILE or FILE=SCALE.");
  return { path: match[1]!, scale };
}

/** Parser of `Name: value`. */
export function header(value: string): [string, string] {
  const colon = value.indexOf(":");
  if (colon < 1) throw new InvalidArgumentError('Expected "Name: value".');
  return [value.slice(0, colon).trim(), value.slice(colon + 1).trim()];
}

/** Parser of a JSON object. */
export function jsonObject(value: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Falls through to the same message: what is wrong is that it is no JSON object.
  }
  throw new InvalidArgumentError("Expected a JSON object.");
}
