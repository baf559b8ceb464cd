import { z } from "zod";

const scale = z
  .strictObject({ min: z.number(), max: z.number(), step: z.number().positive() })
  .refine((value) => value.max > value.min, { error: "max must be greater than min" })
  .refine(
    (value) => {
      const steps = (value.max - value.min) / value.step;
      return steps <= 1000 && Math.abs(steps - Math.round(steps)) < 1e-9;
    },
    { error: "the range must be a whole number of steps, 1000 at most" },
  );

const tokens = z.int().positive();
const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\n\r]*$/, "must be one line");
// A backslash is what neutralises a marker in quoted text, so a marker cannot contain one.
const marker = line.min(3).regex(/^[^\\]*$/, "must not contain a backslash");
const markerPair = z.strictObject({ start: marker, end: marker });

const markers = z
  .strictObject({
    query: markerPair,
    response: markerPair,
    criteria: markerPair,
    /** Heading of one message of a query of several messages. */
    turn: marker.refine((text) => text.includes("{i}") && text.includes("{role}"), {
      error: "must contain {i} (number of the message) and {role}",
    }),
  })
  .superRefine((value, context) => {
    const texts = [value.query, value.response, value.criteria].flatMap((pair) => [pair.start, pair.end]);
    texts.push(value.turn);
    if (new Set(texts.map((text) => text.toLowerCase())).size < texts.length) {
      context.addIssue({ code: "custom", message: "all markers must differ" });
    }
    // So a backslash after the first character always breaks a marker and never makes or hides another one.
    const firsts = new Set(texts.map((text) => text[0]!.toLowerCase()));
    const clash = texts.find((text) => [...text.slice(1).toLowerCase()].some((character) => firsts.has(character)));
    if (clash !== undefined) {
      context.addIssue({
        code: "custom",
        message: `a marker's first character must not occur inside a marker: ${clash}`,
      });
    }
  });

/** Where an imported pack's texts came from. */
const origin = z.strictObject({
  /** Names of the imported files. */
  files: z.array(z.string()),
  /** Pack and templates that were taken from it because the import had none. */
  borrowed: z.strictObject({ pack: z.string(), templates: z.array(z.string()) }),
});

/** Schema of `pack.json`. */
export const packMetadataSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, "must be letters, digits, '.', '_' or '-', 64 at most"),
  version: z.string().regex(/^[^\s@#]{1,32}$/, "must be 1 to 32 characters without space, @ and #"),
  description: z.string(),
  /** Scores of one criterion. */
  criterionScale: scale,
  /** The overall score, which is the reward. */
  overallScale: scale,
  /** New tokens a turn may take when it is written freely. */
  limits: z.strictObject({ criteria: tokens, evaluation: tokens }),
  markers,
  /** Headings of the last parts of an evaluation. */
  headings: z.strictObject({ overall: line, otherPoints: line }),
  /** Limits of the free text in forms, in tokens; 0 leaves the part out of the form. */
  form: z.strictObject({
    criteria: z
      .strictObject({
        min: z.int().positive(),
        max: z.int().positive().max(50),
        analysisTokens: z.int().nonnegative(),
        termTokens: tokens,
        descriptionTokens: tokens,
      })
      .refine((value) => value.max >= value.min, { error: "max must not be below min" }),
    evaluation: z.strictObject({
      analysisTokens: tokens,
      otherPointsTokens: z.int().nonnegative(),
      overallTokens: tokens,
    }),
  }),
  origin: origin.optional(),
});

/** What `pack.json` says. */
export type PackMetadata = z.infer<typeof packMetadataSchema>;

export type PackMarkers = PackMetadata["markers"];
