import { z } from "zod";
import { dimensions, vectorTask } from "../work/vector-task.ts";
import { kCentre } from "./k-centre.ts";
import { rankRows } from "./rank-rows.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** Rows that stay. */
  pairs: z.int().min(1),
  /** Rows among which they are chosen, the most wanted first: the work grows with this times `pairs`. */
  among: z.int().min(1).default(50_000),
});

/** The rows whose prompts lie farthest from each other, so that few rows show much. */
export const diversity: Stage<z.infer<typeof settings>> = {
  name: "diversity",
  summary: "rows whose prompts are like those of rows that stay (k-centre)",
  settings,
  async run({ rows, pool, seed, drop, note, progress, signal }, { pairs, among }) {
    const total = await rows.count();
    if (total <= pairs) return;
    const numbers = new Int32Array(total);
    const vectors = new Float32Array(total * dimensions);
    let [read, at] = [0, 0];
    const batches = async function* () {
      for await (const batch of rows.batches()) {
        numbers.set(batch.n, read);
        read += batch.n.length;
        yield batch;
      }
    };
    for await (const made of pool.map(vectorTask, null, batches(), { texts: await rows.texts(), signal })) {
      vectors.set(made.vectors, at * dimensions);
      at += made.vectors.length / dimensions;
    }
    const rank = await rankRows(rows, seed);
    const order = Array.from(numbers.keys()).sort((a, b) => rank(numbers[a]!, numbers[b]!));
    const considered = order.slice(0, among);
    const own = new Float32Array(considered.length * dimensions);
    for (const [place, row] of considered.entries())
      own.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), place * dimensions);
    const { chosen, similarity } = kCentre(own, dimensions, pairs, (done) => {
      if (done % 64 === 0) signal?.throwIfAborted();
      progress(done, pairs);
    });
    const stay = new Set(chosen);
    for (const [place, row] of considered.entries())
      if (!stay.has(place))
        drop({
          n: numbers[row]!,
          reason: "prompt like that of a row that stays",
          detail: `cosine ${similarity[place]!.toFixed(2)}`,
        });
    for (const row of order.slice(among)) drop({ n: numbers[row]!, reason: "not among those that are considered" });
    const nearest = considered.flatMap((_, place) => (stay.has(place) ? [] : [similarity[place]!]));
    const least = nearest.reduce((smallest, value) => Math.min(smallest, value), 1);
    const which = considered.length < total ? `of ${considered.length} of ${total} that were considered, ` : "";
    note(`${which}every prompt has one that stays within cosine ${least.toFixed(2)}`);
  },
};
