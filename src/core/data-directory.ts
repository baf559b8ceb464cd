import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/**
 * The folder of what the program keeps for a user: the store, models, imported prompt packs. `CERM_HOME` where it is
 * set; else on Linux and the like `$XDG_DATA_HOME/cerm` or `~/.local/share/cerm`, on macOS `~/Library/Application
 * Support/cerm`, on Windows `%LOCALAPPDATA%\cerm`. Nothing is created.
 */
export function dataDirectory(
  env: Record<string, string | undefined> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const given = (name: string) => (env[name] === undefined || env[name] === "" ? undefined : env[name]);
  const own = given("CERM_HOME");
  if (own !== undefined) return own;
  if (platform === "win32") {
    const home = given("USERPROFILE") ?? homedir();
    return win32.join(given("LOCALAPPDATA") ?? win32.join(home, "AppData", "Local"), "cerm");
  }
  const home = given("HOME") ?? homedir();
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", "cerm");
  const xdg = given("XDG_DATA_HOME");
  // The XDG specification has a relative path ignored.
  return posix.join(xdg?.startsWith("/") ? xdg : posix.join(home, ".local", "share"), "cerm");
}
