import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, posix, win32 } from "node:path";
import { z } from "zod";
import { InputError } from "./errors.ts";

const text = z.string().min(1);
const address = z
  .url({ protocol: /^https?$/ })
  .refine((url) => new URL(url).username === "" && new URL(url).password === "", {
    error: "holds a user name or password; keys come from the environment",
  });

const configSchema = z.strictObject({
  /** A model spec, or the name of a model on a server. What `auto` takes first. */
  model: text.optional(),
  engine: z.enum(["embedded", "openai", "tinker", "replay"]).optional(),
  /** One address, or one for each replica. */
  baseUrl: z.union([address, z.array(address).min(1)]).optional(),
  /** Name or folder of a prompt pack. */
  pack: text.optional(),
  mode: z.enum(["unified", "per-response", "implicit"]).optional(),
  score: z.enum(["hard", "expected"]).optional(),
  /** Address of the store. */
  store: text.optional(),
});

/** What a user has set once instead of by options. Options win over it. */
export type Config = z.infer<typeof configSchema>;

/**
 * Reads the configuration: of `file` (`--config`), else of `CERM_CONFIG`, else of the user's configuration directory, where it need not
 * exist. Throws an `InputError` with file and field for anything that is not understood, and for keys, which come from the environment.
 */
export async function loadConfig(options: {
  file?: string;
  env: Record<string, string | undefined>;
  platform?: NodeJS.Platform;
}): Promise<Config> {
  const named = options.file ?? (options.env.CERM_CONFIG || undefined);
  const file = named ?? join(configDirectory(options.env, options.platform), "config.json");
  let content: string;
  try {
    content = await readFile(file, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing && named === undefined) return {};
    throw new InputError(missing ? "no such file" : `cannot be read: ${(error as Error).message}`, { file });
  }
  return parseConfig(content, file);
}

/** Where the user's configuration is kept: `XDG_CONFIG_HOME/cerm`, else what the system prescribes. */
export function configDirectory(
  env: Record<string, string | undefined>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === "win32") {
    const home = env.USERPROFILE || homedir();
    return win32.join(env.APPDATA || win32.join(home, "AppData", "Roaming"), "cerm");
  }
  // The XDG specification has a relative path ignored.
  if (env.XDG_CONFIG_HOME?.startsWith("/")) return posix.join(env.XDG_CONFIG_HOME, "cerm");
  const home = env.HOME || homedir();
  return platform === "darwin"
    ? posix.join(home, "Library", "Application Support", "cerm")
    : posix.join(home, ".config", "cerm");
}

function parseConfig(content: string, file: string): Config {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw syntaxError(content, (error as Error).message, file);
  }
  const secret = secretField(value);
  if (secret !== undefined)
    throw new InputError("keys do not belong in a file; set them in the environment and remove this", {
      file,
      field: secret,
    });
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const known = Object.keys(configSchema.shape).join(", ");
  if (issue.code === "unrecognized_keys")
    throw new InputError(`unknown; expected one of ${known}`, { file, field: issue.keys[0] });
  const field = issue.path.join(".");
  throw new InputError(`${issue.message}; see the fields ${known}`, { file, ...(field !== "" && { field }) });
}

/** The parser's message may quote the file, and with it a key: what it quotes is left out. */
function syntaxError(content: string, message: string, file: string): InputError {
  const position = /position (\d+)/.exec(message)?.[1];
  const line = position === undefined ? undefined : content.slice(0, Number(position)).split("\n").length;
  return new InputError(`not JSON: ${message.replace(/,? ?(\.\.\.)?".*/s, "")}`, {
    file,
    ...(line !== undefined && { line }),
  });
}

/** The first field, at any depth, whose name is that of a secret. Its value is never shown. */
function secretField(value: unknown): string | undefined {
  if (value === null || typeof value !== "object") return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (/key$|token$|secret|password|authorization/i.test(name)) return name;
    const inner = secretField(member);
    if (inner !== undefined) return `${name}.${inner}`;
  }
  return undefined;
}
