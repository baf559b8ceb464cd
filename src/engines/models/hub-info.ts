import { z } from "zod";
import type { HubClient } from "./hub-client.ts";
import { hubError } from "./hub-error.ts";
import { ModelError } from "./model-error.ts";

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{7,64}$/),
  cardData: z.object({ license: z.unknown() }).partial().nullish().catch(undefined),
  siblings: z.array(
    z.object({
      rfilename: z.string(),
      size: z.number().int().nonnegative().nullish(),
      blobId: z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .nullish(),
      lfs: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() }).nullish(),
    }),
  ),
});

/** A repository of the hub at a commit: its files with sizes, git blob ids, and SHA-256 where they are in large file storage. */
export type HubInfo = z.infer<typeof infoSchema>;

/**
 * Asks the hub what a revision of a repository stands for. `what` names it in errors. Throws a `ModelError`, or the
 * signal's reason.
 */
export async function readHubInfo(
  repository: { kind: "models" | "datasets"; repo: string; revision: string },
  client: HubClient,
  options: { what: string; page: string; signal?: AbortSignal },
): Promise<HubInfo> {
  const { kind, repo, revision } = repository;
  const { what, page, signal } = options;
  const path = `/api/${kind}/${repo}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const response = await client.get(path, { signal });
  if (response.status !== 200) throw await hubError(response, what, page, client);
  return parseInfo(await readText(response.body, what, signal), what, client.url);
}

async function readText(body: { text(): Promise<string> }, what: string, signal?: AbortSignal): Promise<string> {
  try {
    return await body.text();
  } catch (error) {
    signal?.throwIfAborted();
    throw new ModelError("hub-unreachable", `${what}: the hub's answer was cut off. Try again`, {
      retryable: true,
      cause: error,
    });
  }
}

function parseInfo(text: string, what: string, url: string): HubInfo {
  try {
    return infoSchema.parse(JSON.parse(text));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ModelError(
      "hub-error",
      `${what}: ${url} does not answer like a Hugging Face hub: ${problem}. Check HF_ENDPOINT and the proxy`,
      { cause: error },
    );
  }
}
