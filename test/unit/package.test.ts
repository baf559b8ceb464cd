import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";

// What works in this checkout can still be missing for those who install the package.
const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  bin: Record<string, string>;
  files: string[];
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
};

/** The source that a compiled file is made of. */
const sourceOf = (file: string) => file.replace(/^(?:\.\/)?dist\//, "src/").replace(/(?:\.d\.ts|\.js)$/, ".ts");

test("every entry point and command is compiled from a source that is there, and is among the files", () => {
  const entries = Object.values(manifest.exports).filter((entry) => typeof entry !== "string");
  const files = [...entries.flatMap(({ types, default: code }) => [types, code]), ...Object.values(manifest.bin)];
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    expect(existsSync(join(root, sourceOf(file))), file).toBe(true);
    expect(manifest.files).toContain(file.replace("./", "").split("/")[0]);
  }
});

/** `import ... from "x"`, `export ... from "x"`, `import "x"` and `import("x")`, of packages only. */
const importPattern = /^(?:import|export)\b[^"`;]*? from "([^".][^"]*)"|(?<!")\bimport\s*\(?"([^".][^"]*)"/gm;

test("every package that the sources import is a dependency, not one of development", () => {
  const sources = (readdirSync(join(root, "src"), { recursive: true }) as string[]).filter(
    (name) => /(?<!\.test|test-helpers)\.ts$/.test(name) && !name.includes("/testing/"),
  );
  const missing = sources.flatMap((name) => {
    const source = readFileSync(join(root, "src", name), "utf8");
    const imports = [...source.matchAll(importPattern)].map((match) => match[1] ?? match[2]!);
    return imports
      .map((specifier) =>
        specifier
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/"),
      )
      .filter((library) => !isBuiltin(library) && !(library in manifest.dependencies))
      .map((library) => `${name}: ${library}`);
  });
  expect(sources.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
