import { z } from "zod";
import { wilsonInterval } from "../../core/statistics/wilson.ts";
import { judgeRows, samplesSchema } from "../judged/judge-rows.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  samples: samplesSchema.default({ criteria: 2, evaluations: 2, temperature: 0.7 }),
  /** How sure it must be (Wilson's interval) that the judge prefers the rejected response in more than half of comparisons. */
  confidence: z.number().min(0.5).max(0.999).default(0.95),
});

/** Rows whose label the judge contradicts so often that it is likely wrong. Ties say nothing. */
export const labelNoise: Stage<z.infer<typeof settings>> = {
  name: "label-noise",
  summary: "rows whose label the judge contradicts with confidence",
  settings,
  async run(context, { samples, confidence }) {
    const comparisons = await judgeRows(context, samples);
    for (const n of [...comparisons.keys()].sort((a, b) => a - b)) {
      const { won, lost } = comparisons.get(n)!;
      const share = wilsonInterval(lost, won + lost, confidence);
      if (share !== null && share.low > 0.5)
        context.drop({ n, reason: "the judge prefers the rejected response", detail: `${lost} against ${won}` });
    }
  },
};
