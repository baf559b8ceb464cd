import { hash } from "node:crypto";

const wordsPerSlot = 4;

/**
 * Which ids were seen, and at which place (a line or row number below 2^32 - 1). Keeps 96 bits of a hash of each id
 * outside the heap, 16 bytes a slot, so a million ids cost some 30 MB whatever their length. Two different ids look
 * equal with a probability below 1e-16 at a million ids.
 */
export class IdIndex {
  #count = 0;
  #slots = new Uint32Array(wordsPerSlot * 1024);

  get size(): number {
    return this.#count;
  }

  /** Remembers an id. Returns the place it was first added with when it was there already (and keeps that one). */
  add(id: string, place: number): number | undefined {
    const words = wordsOf(id);
    const slot = this.#find(words);
    const known = this.#slots[slot + 3]!;
    if (known !== 0) return known - 1;
    this.#slots.set([words[0]!, words[1]!, words[2]!, place + 1], slot);
    this.#count++;
    if (this.#count * wordsPerSlot * 2 > this.#slots.length) this.#grow();
    return undefined;
  }

  has(id: string): boolean {
    return this.#slots[this.#find(wordsOf(id)) + 3] !== 0;
  }

  /** Offset of the slot that holds the words, or of the free slot where they belong. */
  #find(words: Uint32Array): number {
    const slots = this.#slots.length / wordsPerSlot;
    for (let index = words[0]! % slots; ; index = (index + 1) % slots) {
      const at = index * wordsPerSlot;
      if (this.#slots[at + 3] === 0) return at;
      if (this.#slots[at] === words[0] && this.#slots[at + 1] === words[1] && this.#slots[at + 2] === words[2])
        return at;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += wordsPerSlot) {
      if (old[at + 3] === 0) continue;
      const slot = old.subarray(at, at + wordsPerSlot);
      this.#slots.set(slot, this.#find(slot));
    }
  }
}

/** 96 bits of the id's SHA-1; a Uint32Array of three words or more. */
function wordsOf(id: string): Uint32Array {
  const digest = hash("sha1", id, "buffer");
  return Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8));
}
