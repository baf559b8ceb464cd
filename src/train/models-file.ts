import { readFile } from "node:fs/promises";
import { z } from "zod";
import { writeFileAtomically } from "../engines/models/write-atomically.ts";

const ids = z.array(z.string());

/**
 * The models that a run has on its server, kept in a file: one that is killed cannot give them back, and the run that
 * goes on does it instead.
 */
export class ModelsFile {
  readonly #path: string | undefined;
  #ids: string[] = [];

  /** Without a path they are kept in memory. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  async add(id: string): Promise<void> {
    this.#ids.push(id);
    await this.#write();
  }

  /** Those that were added here or by a run before, which are then forgotten. */
  async take(): Promise<string[]> {
    const text = this.#path === undefined ? "[]" : await readFile(this.#path, "utf8").catch(() => "[]");
    const before = ids.safeParse(parse(text)).data ?? [];
    const taken = [...new Set([...before, ...this.#ids])];
    this.#ids = [];
    if (taken.length > 0) await this.#write();
    return taken;
  }

  async #write(): Promise<void> {
    if (this.#path !== undefined) await writeFileAtomically(this.#path, JSON.stringify(this.#ids));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
