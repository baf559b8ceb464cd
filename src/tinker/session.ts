import * as z from "zod";
import type { Call } from "./call.ts";
import { callJson } from "./call-json.ts";
import type { ResolvedTinkerOptions } from "./options.ts";
import { TinkerError } from "./tinker-error.ts";

/** A session: servers drop the models of one that has shown no sign of life for some minutes. */
export interface Session {
  readonly id: string;
  /** Stops the heartbeat; the server then drops the session's models after a while. */
  close(): void;
}

const jsonSession = z.object({ session_id: z.string(), error_message: z.string().nullish() });

/** Opens a session and keeps it alive until it is closed. */
export async function openSession(call: Call, options: ResolvedTinkerOptions, signal?: AbortSignal): Promise<Session> {
  const json = { tags: options.tags, sdk_version: "cerm", user_metadata: null, type: "create_session" };
  const what = "create_session";
  const request = { what, path: "/create_session", json, repeat: "harmless", signal } as const;
  const { session_id: id, error_message } = await callJson(call, request, jsonSession);
  if (error_message) throw new TinkerError("refused", `${what}: the server says: ${error_message}`);
  const stop = new AbortController();
  void beat(call, id, options, stop.signal);
  return { id, close: () => stop.abort() };
}

async function beat(call: Call, id: string, options: ResolvedTinkerOptions, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ session_id: id, type: "session_heartbeat" });
  const headers = { "content-type": "application/json" };
  while (!signal.aborted) {
    try {
      await options.clock.sleep(options.heartbeatMs, signal);
      const request = { what: "session_heartbeat", path: "/session_heartbeat", body, headers } as const;
      await call({ ...request, method: "POST", repeat: "harmless", signal, timeoutMs: options.heartbeatMs });
    } catch (error) {
      if (signal.aborted || (error as TinkerError).fault === "closed") return;
      options.say(`the session's heartbeat failed: ${(error as Error).message}`);
      // A server that does not know the session will not know it later either.
      if ((error as TinkerError).fault === "forgotten") return;
    }
  }
}
