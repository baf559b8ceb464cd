import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Writes a program that stands for pip into `folder` and returns the command that starts it. It notes its arguments, then does what `body`
 * (JavaScript) says, with `copyFileSync`, the download folder `into` and the `requirement`.
 */
export async function fakePip(folder: string, body: string): Promise<string> {
  const path = join(folder, "pip.mjs");
  const script = `import { appendFileSync, copyFileSync } from "node:fs";
    const args = process.argv.slice(2);
    if (args[0] === "--version") process.exit(0);
    appendFileSync(${JSON.stringify(join(folder, "calls"))}, JSON.stringify(args) + "\\n");
    const into = args[args.indexOf("-d") + 1], requirement = args.at(-1);
    ${body}`;
  await writeFile(path, script);
  return `${process.execPath} ${path}`;
}

/** A fake pip that has one wheel, whatever is asked for. */
export async function fakePipWith(folder: string, wheel: Buffer): Promise<string> {
  const path = join(folder, "the.whl");
  await writeFile(path, wheel);
  return fakePip(folder, `copyFileSync(${JSON.stringify(path)}, into + "/package-1-py3-none-any.whl");`);
}

/** The arguments of every call so far, `--version` apart. */
export async function pipCalls(folder: string): Promise<string[][]> {
  const lines = (await readFile(join(folder, "calls"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as string[]);
}
