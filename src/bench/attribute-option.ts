import { InputError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Benchmark, LoadOptions } from "./benchmark.ts";

/** The attribute that pairs are made of. Throws `InputError` for one that the data does not have. */
export function attributeOf(attributes: NonNullable<Benchmark["attributes"]>, options: LoadOptions): string {
  const { attribute = attributes.default, minGap = 1 } = options;
  if (!attributes.names.includes(attribute)) {
    const meant = nearest(attribute, attributes.names);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw new InputError(`got "${attribute}", expected one of ${attributes.names.join(", ")}${hint}`, {
      field: "attribute",
    });
  }
  if (!(minGap > 0)) throw new InputError(`got ${minGap}, expected a number above 0`, { field: "min-gap" });
  return attribute;
}
