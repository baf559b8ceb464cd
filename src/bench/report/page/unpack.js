// What a page carries in packed form, unpacked where it is needed. Texts are strings throughout, never markup.

/** Unpacks gzipped JSON in base64 out of a script element. */
export async function unpack(elementId) {
  const binary = atob(document.getElementById(elementId).textContent.trim());
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const unpackedChunks = new Map();

/** The texts of items that lie in one chunk; unpacked once. */
function chunkTexts(chunk) {
  if (!unpackedChunks.has(chunk)) unpackedChunks.set(chunk, unpack(`chunk-${chunk}`));
  return unpackedChunks.get(chunk);
}

/** The texts of an entry, or `undefined` where they were left out of the page. */
export async function textsOf(entry) {
  return entry.chunk === undefined ? undefined : (await chunkTexts(entry.chunk))[entry.place];
}
