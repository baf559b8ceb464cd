import type { StepLine, StepLog } from "../../checkpoints/step-log.ts";
import type { TrainRun } from "../../checkpoints/train-run.ts";
import { Alarms } from "../watch/alarms.ts";
import type { StepMetrics } from "../watch/step-metrics.ts";
import type { ResolvedRlOptions, RlProgress } from "./rl-options.ts";
import { type RlState, readMetrics } from "./rl-run.ts";

/** Keeps the books of a run: metrics.jsonl with alarms, samples.jsonl, and how far it is. */
export class StepBook {
  readonly #run: TrainRun<RlState>;
  readonly #options: ResolvedRlOptions;
  readonly #samples: StepLog;
  readonly #alarms = new Alarms();
  #progress: RlProgress;
  /** No line is written yet. */
  isEmpty = true;

  private constructor(run: TrainRun<RlState>, options: ResolvedRlOptions, samples: StepLog) {
    this.#run = run;
    this.#options = options;
    this.#samples = samples;
    this.#progress = { step: 0, totalSteps: options.totalSteps };
  }

  /** Opens the books of a run, and reads what earlier processes wrote, which alarms depend on too. */
  static async open(run: TrainRun<RlState>, options: ResolvedRlOptions): Promise<StepBook> {
    const book = new StepBook(run, options, await run.openLog("samples"));
    const history = await readMetrics(run.directory);
    for (const line of history) book.#take(line);
    options.onHistory?.(history, book.#progress);
    return book;
  }

  get progress(): RlProgress {
    return this.#progress;
  }

  /** Writes a step's line. Members that are undefined are left out. */
  async write(metrics: { step: number } & Record<string, number | undefined>): Promise<void> {
    const { now, say, onStep } = this.#options;
    const line: StepMetrics = { time: new Date(now()).toISOString(), ...metrics };
    const alarms = this.#take(line);
    if (alarms.length > 0) line.alarms = alarms;
    await this.#run.metrics.append(line);
    for (const alarm of alarms) say(`alarm at step ${line.step}: ${alarm}`);
    onStep?.(line, this.#progress);
  }

  /** Keeps rollouts for reading. */
  async keep(samples: StepLine[]): Promise<void> {
    for (const sample of samples) await this.#samples.append(sample);
  }

  #take(line: StepMetrics): string[] {
    this.isEmpty = false;
    const accuracy = line["heldOut/accuracy"];
    const { best, heldOut, totalSteps } = this.#progress;
    this.#progress = { step: line.step, totalSteps, heldOut, best };
    if (typeof accuracy === "number") {
      this.#progress.heldOut = accuracy;
      if (best === undefined || accuracy > best.accuracy) this.#progress.best = { step: line.step, accuracy };
    }
    return this.#alarms.check(line);
  }
}
