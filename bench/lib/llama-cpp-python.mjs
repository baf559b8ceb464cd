import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ensurePeer } from "./peers.mjs";
import { runClient } from "./processes.mjs";

/** llama-cpp-python where it was asked for and can be had: `{peer?, versions, missing}`. */
export async function findPeer({ peers, python }) {
  const name = "llama-cpp-python";
  if (!peers.includes(name) && python === "")
    return { versions: {}, missing: { [name]: `ask for it with --peers ${name}` } };
  try {
    const peer = await ensurePeer(name, { python: python || undefined });
    return { peer, versions: { [name]: peer.version }, missing: {} };
  } catch (error) {
    return { versions: {}, missing: { [name]: error.message } };
  }
}

/** Runs the bench's tasks (`bench.lines`, a file of prompt tokens) with llama-cpp-python, one after the other. */
export async function runPeer({ peer, lines, model, options }, threads, { maxTokens, fixed }) {
  const settings = {
    model,
    threads,
    tasks: lines,
    maxTokens,
    fixed,
    contextTokens: options["max-prompt"] + maxTokens + 8,
  };
  const script = fileURLToPath(new URL("../clients/llama_cpp_client.py", import.meta.url));
  const { seconds, outputTokens, answers } = await runClient(peer.python, [script, JSON.stringify(settings)]);
  const generations = readFileSync(answers, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { seconds, output: outputTokens, generations };
}
