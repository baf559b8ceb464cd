import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { type StubOptions, type StubServer, startStubServer } from "./stub-server/index.ts";

/** A folder of a test file's own for everything the program keeps and reads, and stubs that are closed after each test. */
export function cliHome() {
  const home = {
    path: "",
    /** Writes a file of text, or items as JSON Lines, and returns its path. */
    async file(name: string, content: string | Uint8Array | object[]): Promise<string> {
      const path = join(home.path, name);
      const text = Array.isArray(content) ? content.map((item) => `${JSON.stringify(item)}\n`).join("") : content;
      await writeFile(path, text as string | Uint8Array);
      return path;
    },
    async stub(options: StubOptions = {}): Promise<StubServer> {
      const stub = await startStubServer(options);
      stubs.push(stub);
      return stub;
    },
    /** The environment of a child process. */
    environment: () => ({ PATH: process.env.PATH, CERM_HOME: join(home.path, "home"), XDG_CONFIG_HOME: home.path }),
  };
  const stubs: StubServer[] = [];
  beforeAll(async () => {
    home.path = await mkdtemp(join(tmpdir(), "cerm-cli-"));
    await mkdir(join(home.path, "home"));
    vi.stubEnv("CERM_HOME", join(home.path, "home"));
    vi.stubEnv("XDG_CONFIG_HOME", home.path);
    for (const name of ["CERM_CONFIG", "CERM_API_KEY", "OPENAI_API_KEY"]) vi.stubEnv(name, "");
  });
  afterEach(() => Promise.all(stubs.splice(0).map((stub) => stub.close())));
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(home.path, { recursive: true });
  });
  return home;
}

/** Items with two responses each. */
export function testItems(count: number, start = 0): { id: string; query: string; responses: string[] }[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `item-${start + index}`,
    query: `Question ${start + index}?`,
    responses: [`First answer ${start + index}.`, `Second answer ${start + index}.`],
  }));
}
