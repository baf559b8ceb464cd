/** Bits of a sieve for each key: one in so many keys that are not there passes it. */
const sieveBits = 16;

/** The table of a `KeyIndex` in memory that threads share. */
export interface SharedKeys {
  high: Uint32Array;
  low: Uint32Array;
  value: Uint32Array;
  /** Bits of the keys that there are, small enough for a processor's cache: most others are told from them. */
  sieve: Uint32Array;
  size: number;
}

/** A map from keys of 64 bits, in two halves, to whole numbers from 0, in typed arrays that grow. */
export class KeyIndex {
  #high: Uint32Array;
  #low: Uint32Array;
  /** One more than the number; 0 where there is none. */
  #value: Uint32Array;
  #mask: number;
  #sieve: Uint32Array | undefined;
  size = 0;

  constructor(expected = 1024) {
    let room = 1024;
    while (room < 2 * expected) room *= 2;
    [this.#high, this.#low, this.#value] = [new Uint32Array(room), new Uint32Array(room), new Uint32Array(room)];
    this.#mask = room - 1;
  }

  /** An index over a shared table; nothing may be added to it. */
  static of({ high, low, value, sieve, size }: SharedKeys): KeyIndex {
    const index = new KeyIndex(0);
    [index.#high, index.#low, index.#value, index.#sieve, index.size] = [high, low, value, sieve, size];
    index.#mask = high.length - 1;
    return index;
  }

  /** A copy of the table that threads can share. */
  share(): SharedKeys {
    const copy = (array: Uint32Array) => {
      const shared = new Uint32Array(new SharedArrayBuffer(array.byteLength));
      shared.set(array);
      return shared;
    };
    let words = 32;
    while (words < this.size * (sieveBits / 32)) words *= 2;
    const sieve = new Uint32Array(new SharedArrayBuffer(4 * words));
    for (let at = 0; at < this.#value.length; at++)
      if (this.#value[at] !== 0) sieve[this.#high[at]! & (words - 1)]! |= 1 << (this.#low[at]! >>> 27);
    return { high: copy(this.#high), low: copy(this.#low), value: copy(this.#value), sieve, size: this.size };
  }

  get(high: number, low: number): number | undefined {
    const sieve = this.#sieve;
    if (sieve !== undefined && (sieve[high & (sieve.length - 1)]! & (1 << (low >>> 27))) === 0) return undefined;
    const value = this.#value[this.#slot(high, low)]!;
    return value === 0 ? undefined : value - 1;
  }

  /** Enters a number where the key has none; returns the one that the key has then. */
  add(high: number, low: number, value: number): number {
    const slot = this.#slot(high, low);
    const known = this.#value[slot]!;
    if (known !== 0) return known - 1;
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#value[slot] = value + 1;
    if (++this.size > 0.7 * this.#mask) this.#grow();
    return value;
  }

  #slot(high: number, low: number): number {
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & this.#mask;
    while (this.#value[slot] !== 0 && (this.#high[slot] !== high >>> 0 || this.#low[slot] !== low >>> 0))
      slot = (slot + 1) & this.#mask;
    return slot;
  }

  #grow(): void {
    const [high, low, value] = [this.#high, this.#low, this.#value];
    const room = 2 * high.length;
    [this.#high, this.#low, this.#value] = [new Uint32Array(room), new Uint32Array(room), new Uint32Array(room)];
    this.#mask = room - 1;
    for (let at = 0; at < value.length; at++) {
      if (value[at] === 0) continue;
      const slot = this.#slot(high[at]!, low[at]!);
      this.#high[slot] = high[at]!;
      this.#low[slot] = low[at]!;
      this.#value[slot] = value[at]!;
    }
  }
}
