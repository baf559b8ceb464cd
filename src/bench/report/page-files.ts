import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A page's script in one piece: its modules in the order of use, without what joins them. */
export async function joinModules(modules: readonly URL[]): Promise<string> {
  const sources = await Promise.all(modules.map((module) => readFile(module, "utf8")));
  return sources.map((source) => source.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, "")).join("\n");
}

/** A file that pages are made of, such as `style.css`. */
export function pageFile(name: string): URL {
  return new URL(`./page/${name}`, import.meta.url);
}

/** What names an inline style or script in a Content-Security-Policy. */
export function sourceHash(source: string): string {
  return `sha256-${createHash("sha256").update(source, "utf8").digest("base64")}`;
}
