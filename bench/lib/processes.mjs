import { spawn } from "node:child_process";

/**
 * Runs a client process and gives the JSON object it prints last. What it writes to standard error goes to `onLine`.
 * Rejects with the end of its standard error when it fails or takes longer than `timeoutMs`.
 */
export function runClient(command, args, { timeoutMs = 1_800_000, environment = {}, onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let out = "";
    let errors = "";
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      errors = (errors + chunk).slice(-4000);
      if (onLine !== undefined) for (const line of String(chunk).split("\n")) if (line !== "") onLine(line);
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const last = out.trim().split("\n").at(-1) ?? "";
      if (code === 0 && last.startsWith("{")) resolve(JSON.parse(last));
      else {
        const why = signal === "SIGKILL" ? `killed after ${timeoutMs / 1000} s` : `exit code ${code}`;
        reject(new Error(`${why}: ${errors.trim().split("\n").slice(-3).join(" / ")}`));
      }
    });
  });
}

/** Starts a process that prints its URL first and what it counted (JSON) at the end. */
export async function startServer(command, args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  let out = "";
  const url = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error("the server ended before it printed its URL")));
    child.stdout.on("data", (chunk) => {
      out += chunk;
      if (out.includes("\n")) resolve(out.slice(0, out.indexOf("\n")));
    });
  });
  return {
    url,
    /** Ends the process; gives what it counted. */
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners("close");
        child.once("close", () => resolve(JSON.parse(out.trim().split("\n").at(-1))));
        child.stdin.end();
      }),
  };
}
