/** Hashes of 64 bits in two halves, in arrays that grow and are used again for the next text. */
export class HashList {
  high = new Uint32Array(256);
  low = new Uint32Array(256);
  length = 0;

  /** Makes room for `length` hashes; what is there stays. */
  reserve(length: number): void {
    if (length <= this.high.length) return;
    const room = Math.max(length, 2 * this.high.length);
    const [high, low] = [new Uint32Array(room), new Uint32Array(room)];
    high.set(this.high.subarray(0, this.length));
    low.set(this.low.subarray(0, this.length));
    this.high = high;
    this.low = low;
  }

  /** Appends another list. */
  append({ high, low, length }: HashList): void {
    this.reserve(this.length + length);
    this.high.set(high.subarray(0, length), this.length);
    this.low.set(low.subarray(0, length), this.length);
    this.length += length;
  }

  push(high: number, low: number): void {
    if (this.length === this.high.length) this.reserve(this.length + 1);
    this.high[this.length] = high;
    this.low[this.length++] = low;
  }
}

/** Spreads 32 bits over 32 bits (the finaliser of MurmurHash3, a bijection). */
export function mix32(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
