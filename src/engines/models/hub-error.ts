import type { HubClient, HubResponse } from "./hub-client.ts";
import { ModelError } from "./model-error.ts";

/** Statuses after which the same request may succeed. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * The error for an answer of the hub that is not what was asked for. `what` names it: `model owner/repo`, `file x of owner/repo`.
 * Reads the body, which is then spent.
 */
export async function hubError(
  response: HubResponse,
  what: string,
  page: string,
  client: HubClient,
): Promise<ModelError> {
  const body = await response.body.text().catch(() => "");
  const { status } = response;
  const said = saidBy(response, body);
  const code = response.headers["x-error-code"] ?? "";
  const fail = (kind: ModelError["code"], message: string) =>
    new ModelError(kind, `${what}: ${message}${said}`, { status, retryable: isTransientStatus(status) });
  if (code === "GatedRepo" || (status === 403 && client.hasToken))
    return fail(
      "model-gated",
      client.hasToken
        ? `access is refused for this HF_TOKEN (HTTP ${status}). Accept the licence on ${page} and use a token that may read gated repositories`
        : `access must be granted first (HTTP ${status}). Accept the licence on ${page}, then set HF_TOKEN to a token of that account`,
    );
  if (code === "RevisionNotFound")
    return fail("model-not-found", `the hub has no such revision (HTTP ${status}). See ${page}`);
  if (code === "EntryNotFound")
    return fail("model-not-found", `the hub has no such file (HTTP ${status}). See ${page}`);
  if (status === 404 || code === "RepoNotFound")
    return fail("model-not-found", `the hub has no such thing, or it is private (HTTP ${status}).`);
  if (status === 401 || status === 403)
    return fail(
      "model-gated",
      client.hasToken
        ? `the hub does not accept this HF_TOKEN (HTTP ${status}). Check it, or unset it for public models`
        : `it is private, gated or does not exist (HTTP ${status}). Check the name; set HF_TOKEN to a token that may read it`,
    );
  const advice = isTransientStatus(status) ? "Try again later" : `Check HF_ENDPOINT (${client.url})`;
  return fail("hub-error", `HTTP ${status}. ${advice}`);
}

/** What the hub itself said, in a few words; pages of HTML say nothing useful. */
function saidBy(response: HubResponse, body: string): string {
  const header = response.headers["x-error-message"];
  let message = header ?? "";
  if (message === "")
    try {
      const parsed: unknown = JSON.parse(body);
      const error = (parsed as { error?: unknown }).error;
      if (typeof error === "string") message = error;
    } catch {
      // Not JSON.
    }
  return message === "" ? "" : ` (the hub says: ${message.slice(0, 200)})`;
}
