import * as z from "zod";

/** A floating-point number in JSON, which has no NaN and infinities: servers send null, or their names. */
export const jsonFloat = z
  .union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]), z.null()])
  .transform((value) => (value === null ? Number.NaN : Number(value)));

export const jsonFloats = z.array(jsonFloat).transform((values) => Float32Array.from(values));

export const jsonMetrics = z.record(z.string(), jsonFloat);
