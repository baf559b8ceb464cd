/** Bodies below this many bytes are sent as they are. */
const leastBytes = 64 * 1024;

/** A body, compressed with zstd where that is worth it, with the header that says so. The library is loaded then only. */
export async function compressBody(body: Uint8Array): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
  if (body.length < leastBytes) return { body, headers: {} };
  const { Zstd } = await import("@hpcc-js/wasm-zstd");
  return { body: (await Zstd.load()).compress(body), headers: { "content-encoding": "zstd" } };
}
