import { z } from "zod";
import { KeyIndex } from "../rows/key-index.ts";
import { keyTask } from "../work/key-task.ts";
import type { Stage } from "./stage.ts";

const settings = z.strictObject({
  /** What must be the same: prompt and both responses, or the prompt alone. */
  of: z.enum(["pair", "prompt"]).default("pair"),
  /** How many rows of a group of duplicates stay: its first ones. */
  keep: z.int().min(1).default(1),
  /** Pairs that one row labels one way and another the other way: none of them stays, or the first ones. */
  conflicts: z.enum(["drop", "keep-first"]).default("drop"),
});

/** Rows that are the same when normalised (NFKC, case, punctuation, white space), whichever way they are labelled. */
export const exactDuplicates: Stage<z.infer<typeof settings>> = {
  name: "exact-duplicates",
  summary: "rows that are the same but for case, punctuation and white space",
  settings,
  async run({ rows, pool, drop, progress, signal }, { of, keep, conflicts }) {
    const total = await rows.count();
    const numbers = new Int32Array(total);
    const leaders = new Int32Array(total);
    const turned = new Uint8Array(total);
    const index = new KeyIndex(total);
    let [at, read] = [0, 0];
    const numbered = remember(rows.batches(), (n) => {
      // Batches are read ahead of those that are done.
      numbers.set(n, read);
      read += n.length;
    });
    for await (const keys of pool.map(keyTask, null, numbered, { texts: await rows.texts(), signal })) {
      for (let row = 0; row < keys.prompt.length; row += 2) {
        let [high, low] = [keys.prompt[row]!, keys.prompt[row + 1]!];
        if (of === "pair") {
          const order = compare(keys.chosen, keys.rejected, row);
          turned[at] = order > 0 ? 1 : 0;
          const [first, second] = order > 0 ? [keys.rejected, keys.chosen] : [keys.chosen, keys.rejected];
          high = Math.imul(Math.imul(high, 31) + first[row]!, 31) + second[row]!;
          low = Math.imul(Math.imul(low, 37) + first[row + 1]!, 37) + second[row + 1]!;
        }
        leaders[at] = index.add(high >>> 0, low >>> 0, at);
        at++;
      }
      progress(at, total);
    }
    dropRepeated({ numbers, leaders, turned, keep, conflicts, drop });
  },
};

function dropRepeated(parts: {
  numbers: Int32Array;
  leaders: Int32Array;
  turned: Uint8Array;
  keep: number;
  conflicts: "drop" | "keep-first";
  drop: (drop: { n: number; reason: string; other?: number }) => void;
}): void {
  const { numbers, leaders, turned, keep, conflicts, drop } = parts;
  const conflicting = new Set<number>();
  for (let at = 0; at < leaders.length; at++) if (turned[at] !== turned[leaders[at]!]) conflicting.add(leaders[at]!);
  const kept = new Map<number, number>();
  for (let at = 0; at < leaders.length; at++) {
    const leader = leaders[at]!;
    const other = numbers[leader]!;
    if (conflicting.has(leader) && conflicts === "drop") {
      drop({ n: numbers[at]!, reason: "labelled both ways", other: leader === at ? undefined : other });
      continue;
    }
    if (leader === at) continue;
    const before = kept.get(leader) ?? 1;
    if (before < keep) kept.set(leader, before + 1);
    else drop({ n: numbers[at]!, reason: "exact duplicate", other });
  }
}

/** Which of two keys at a place is greater, as for sorting. */
function compare(a: Uint32Array, b: Uint32Array, at: number): number {
  return a[at] !== b[at] ? a[at]! - b[at]! : a[at + 1]! - b[at + 1]!;
}

/** Passes batches on and tells their rows' numbers, before the next is asked for. */
async function* remember<Batch extends { n: Int32Array }>(
  batches: AsyncIterable<Batch>,
  tell: (n: Int32Array) => void,
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    tell(batch.n);
    yield batch;
  }
}
