import type { Random } from "../../core/random.ts";

/** A sample of `size` values of a stream of unknown length, each with the same chance (Vitter 1985, algorithm R). */
export class Reservoir<T> {
  readonly values: T[] = [];
  readonly #size: number;
  readonly #random: Random;
  #seen = 0;

  constructor(size: number, random: Random) {
    this.#size = size;
    this.#random = random;
  }

  /** Offers the next value of the stream, which is only made if it is kept. */
  offer(make: () => T): void {
    this.#seen++;
    if (this.values.length < this.#size) this.values.push(make());
    else {
      const at = Math.floor(this.#random() * this.#seen);
      if (at < this.#size) this.values[at] = make();
    }
  }
}
