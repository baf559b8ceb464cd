import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../core/errors.ts";
import { writeFileAtomically } from "../../engines/models/write-atomically.ts";
import { type Better, bestCheckpoint, type Checkpoint, checkpointSchema } from "./checkpoint.ts";

export interface CheckpointLedgerOptions<State> {
  /** Schema of `Checkpoint.state`. */
  state: z.ZodType<State>;
  /** How many of the latest are kept, at least 1. */
  keepLast: number;
  /** The best by this direction is kept too. */
  better: Better;
  /**
   * Deletes what the server keeps of a checkpoint that is no longer wanted. One that fails is tried again with the next
   * `record`. Default: nothing is deleted there, only forgotten here.
   */
  discard?: (checkpoint: Checkpoint<State>) => Promise<void>;
}

/**
 * The checkpoints of a run: a JSON file `{"format": 1, "better", "checkpoints": [...], "discarded": [...]}`, ascending by
 * step and replaced as a whole, so that a kill at any moment leaves the old list or the new. `discarded` are those the
 * server may still hold.
 */
export class CheckpointLedger<State> {
  readonly #file: string;
  readonly #options: CheckpointLedgerOptions<State>;
  #checkpoints: Checkpoint<State>[];
  #discarded: Checkpoint<State>[];

  private constructor(
    file: string,
    options: CheckpointLedgerOptions<State>,
    lists: { checkpoints: Checkpoint<State>[]; discarded: Checkpoint<State>[] },
  ) {
    this.#file = file;
    this.#options = options;
    this.#checkpoints = lists.checkpoints;
    this.#discarded = lists.discarded;
  }

  /** Opens the file, or an empty ledger where there is none. Throws `InputError` for a file that is something else. */
  static async open<State>(file: string, options: CheckpointLedgerOptions<State>): Promise<CheckpointLedger<State>> {
    const lists = await readLedger(file, options.state);
    return new CheckpointLedger(file, options, lists ?? { checkpoints: [], discarded: [] });
  }

  /** Those that are kept, ascending by step. */
  get checkpoints(): readonly Checkpoint<State>[] {
    return this.#checkpoints;
  }

  /** Where training goes on. */
  get last(): Checkpoint<State> | undefined {
    return this.#checkpoints.at(-1);
  }

  get best(): Checkpoint<State> | undefined {
    return bestCheckpoint(this.#checkpoints, this.#options.better);
  }

  /**
   * Adds a checkpoint whose weights the server has saved, and lets go of those that are neither among the last nor the
   * best. Resolves when the ledger is on disk. Throws where the step does not come after the last one.
   */
  async record(checkpoint: Checkpoint<State>): Promise<void> {
    const { keepLast, better } = this.#options;
    if (this.last !== undefined && checkpoint.step <= this.last.step)
      throw new Error(`checkpoint of step ${checkpoint.step} after that of step ${this.last.step}`);
    const all = [...this.#checkpoints, checkpoint];
    const kept = new Set([...all.slice(-keepLast), bestCheckpoint(all, better)]);
    this.#checkpoints = all.filter((one) => kept.has(one));
    this.#discarded = [...this.#discarded, ...all.filter((one) => !kept.has(one))];
    await this.#write();
    await this.#discardAll();
  }

  async #discardAll(): Promise<void> {
    const { discard } = this.#options;
    if (this.#discarded.length === 0) return;
    const left: Checkpoint<State>[] = [];
    for (const checkpoint of this.#discarded) {
      // What cannot be deleted costs disk space on the server and nothing else.
      await discard?.(checkpoint).catch(() => left.push(checkpoint));
    }
    this.#discarded = left;
    await this.#write();
  }

  #write(): Promise<void> {
    const ledger = {
      format: 1,
      better: this.#options.better,
      checkpoints: this.#checkpoints,
      discarded: this.#discarded,
    };
    return writeFileAtomically(this.#file, `${JSON.stringify(ledger, null, 2)}\n`);
  }
}

/** What a ledger file holds. */
export interface LedgerContent<State> {
  better: Better;
  checkpoints: Checkpoint<State>[];
  discarded: Checkpoint<State>[];
}

/** Reads a ledger file, for those that write nothing; undefined where there is none. Throws `InputError` for another file. */
export async function readLedger<State>(
  file: string,
  state: z.ZodType<State>,
): Promise<LedgerContent<State> | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new InputError(`cannot be read: ${error.message}`, { file });
  });
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`is not JSON: ${(error as Error).message}`, { file });
  }
  const parsed = ledgerSchema(state).safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new InputError(`is not a list of checkpoints of this program: ${issue.message}`, {
    file,
    field: issue.path.join(".") || undefined,
  });
}

function ledgerSchema<State>(state: z.ZodType<State>): z.ZodType<LedgerContent<State>> {
  const checkpoints = z.array(checkpointSchema(state));
  return z.object({
    format: z.literal(1),
    better: z.enum(["lower", "higher"]),
    checkpoints,
    discarded: checkpoints,
  });
}
