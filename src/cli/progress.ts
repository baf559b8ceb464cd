import { clearLine } from "./terminal.ts";

/** A line on standard error that tells how far a command is, at what rate, and how long it will take. */
export class Progress {
  done = 0;
  total: number | undefined;
  note = "";
  readonly #label: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(label: string, options: { stream?: NodeJS.WriteStream; now?: () => number; enabled: boolean }) {
    this.#label = label;
    this.#stream = options.stream ?? process.stderr;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
    if (options.enabled) this.#timer = setInterval(() => this.draw(), 200).unref();
  }

  /** `judge 12/20 · 3.1/s · 0:03 left · 1 unscored` */
  line(): string {
    const seconds = (this.#now() - this.#startedAt) / 1000;
    const rate = seconds > 0 ? this.done / seconds : 0;
    const parts = [`${this.#label} ${this.done}${this.total === undefined ? "" : `/${this.total}`}`];
    if (this.done > 0) parts.push(rate >= 1 ? `${rate.toFixed(1)}/s` : `${(1 / rate).toFixed(1)} s each`);
    if (this.total !== undefined && this.done > 0) parts.push(`${clock((this.total - this.done) / rate)} left`);
    else parts.push(clock(seconds));
    if (this.note !== "") parts.push(this.note);
    return parts.join(" · ");
  }

  draw(): void {
    this.#stream.write(clearLine(true) + this.line().slice(0, (this.#stream.columns ?? 80) - 1));
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#stream.write(clearLine(true));
  }
}

/** `1:05`, `2:03:09`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (number: number) => String(number).padStart(2, "0");
  const minutes = `${Math.floor(whole / 60) % 60}:${pad(whole % 60)}`;
  return whole < 3600 ? minutes : `${Math.floor(whole / 3600)}:${minutes.padStart(5, "0")}`;
}
