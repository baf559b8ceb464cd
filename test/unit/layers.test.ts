import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, test } from "vitest";

/** Folders of src/, lowest first (CONTRIBUTING.md). A layer imports only from itself and from those before it. */
const layers = [
  "core",
  "prompts",
  "tinker",
  "engines",
  "store",
  "judge",
  "data",
  "bench",
  "curate",
  "train",
  "policy",
  "server",
  "cli",
];

const root = resolve(import.meta.dirname, "../../src");

/** Every relative import of a file, as `from -> to` paths below src/. */
export function relativeImports(file: string, source: string): { from: string; to: string }[] {
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1]!);
  return specifiers.map((specifier) => ({
    from: relative(root, file),
    to: relative(root, resolve(dirname(file), specifier)),
  }));
}

/** What is wrong with an import, if anything. */
export function layerFault({ from, to }: { from: string; to: string }): string | undefined {
  const [lower, higher] = [from, to].map((path) => layers.indexOf(path.split("/")[0]!)) as [number, number];
  if (!from.includes("/")) return undefined;
  if (to.startsWith("..")) return `${from} imports ${to}, outside of src/`;
  if (lower === -1) return `${from} is in no known layer`;
  return higher > lower ? `${from} imports the higher layer ${to}` : undefined;
}

describe("layers", () => {
  const files = (readdirSync(root, { recursive: true }) as string[])
    .map((file) => file.split(sep).join("/"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const imports = files.flatMap((file) => relativeImports(join(root, file), readFileSync(join(root, file), "utf8")));

  test("no layer imports a higher one", () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.map(layerFault).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test("the check sees a forbidden import", () => {
    const [found] = relativeImports(join(root, "core/x.ts"), 'import { a } from "../judge/judge.ts";');
    expect(layerFault(found!)).toBe("core/x.ts imports the higher layer judge/judge.ts");
  });

  test("what is heavy and seldom needed (language tables, DuckDB) is loaded where it is used", () => {
    const heavy = /^import (?!type\b)[^;]*"(?:eld\b|@duckdb)/m;
    const eager = files.filter((file) => heavy.test(readFileSync(join(root, file), "utf8")));
    expect(eager).toEqual([]);
  });

  test("every folder of src/ is a known layer", () => {
    const folders = new Set(files.filter((file) => file.includes("/")).map((file) => file.split("/")[0]));
    expect([...folders].filter((folder) => !layers.includes(folder!))).toEqual([]);
  });
});
