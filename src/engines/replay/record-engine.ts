import { type FileHandle, open, stat, truncate } from "node:fs/promises";
import { InputError } from "../../core/errors.ts";
import type { Engine, EngineCapabilities, EngineIdentity, GenerateRequest, Generation } from "../engine.ts";
import { type Exchange, type RecordingHeader, readRecording, requestKey } from "./recording-file.ts";

/**
 * The engine with every successful exchange appended to a JSON Lines file, which is made where there is none and
 * continued where there is one. `generate` resolves when the exchange is in the file; failures are not recorded.
 * Throws an `InputError` where the file holds another engine's answers or a line that cannot be read.
 */
export async function recordEngine(engine: Engine, file: string): Promise<Engine> {
  const size = await sizeOf(file);
  const found = size > 0 ? await readRecording(file, () => {}) : undefined;
  if (found !== undefined) {
    const { model } = found.header.identity;
    if (model !== engine.identity.model || found.header.identity.engine !== engine.identity.engine) {
      throw new InputError(
        `records ${found.header.identity.engine} "${model}", not ${engine.identity.engine} "${engine.identity.model}"; use another file`,
        { file, line: 1 },
      );
    }
  }
  // The end of a line that was cut off by a kill would break the next one.
  const wholeBytes = found?.wholeBytes ?? 0;
  if (wholeBytes < size) await truncate(file, wholeBytes);
  const recorder = new Recorder(engine, await open(file, "a"));
  if (found === undefined) {
    const header: RecordingHeader = { recording: 1, identity: engine.identity, capabilities: engine.capabilities };
    await recorder.write(header);
  }
  return recorder;
}

class Recorder implements Engine {
  readonly #engine: Engine;
  readonly #handle: FileHandle;
  #pending: string[] = [];
  #writing: Promise<void> | undefined;

  constructor(engine: Engine, handle: FileHandle) {
    this.#engine = engine;
    this.#handle = handle;
  }

  get identity(): EngineIdentity {
    return this.#engine.identity;
  }

  get capabilities(): EngineCapabilities {
    return this.#engine.capabilities;
  }

  get prefixes(): number | undefined {
    return this.#engine.prefixes;
  }

  get concurrency(): number {
    return this.#engine.concurrency;
  }

  async generate(request: GenerateRequest, signal?: AbortSignal): Promise<Generation[]> {
    const generations = await this.#engine.generate(request, signal);
    await this.write({ key: requestKey(request), generations });
    return generations;
  }

  /** Appends a line; lines that come while one is being written go together into the next write. */
  async write(line: RecordingHeader | Exchange): Promise<void> {
    this.#pending.push(`${JSON.stringify(line)}\n`);
    const before = this.#writing;
    if (before === undefined) {
      this.#writing = this.#flush();
      return this.#writing;
    }
    await before;
    if (this.#pending.length > 0) this.#writing ??= this.#flush();
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
    await this.#engine.close();
  }

  async #flush(): Promise<void> {
    const lines = this.#pending.splice(0).join("");
    try {
      await this.#handle.appendFile(lines);
    } finally {
      this.#writing = undefined;
    }
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
