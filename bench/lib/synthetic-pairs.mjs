import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { seededRandom } from "../../dist/core/index.js";

// Preference data of which is known what is wrong with every row: about 1 kB a row, words by Zipf's law, lengths log-normal.

const vocabularySize = 30_000;
const syllables =
  "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo vu".split(
    " ",
  );

/** Shares of rows that are no row of their own. The others are clean. */
export const shares = {
  exact: 0.05,
  near: 0.05,
  "contaminated prompt": 0.005,
  "contaminated response": 0.005,
  empty: 0.01,
  long: 0.005,
};

/** A run of words of a reference is at least so long. */
export const runWords = 13;

/**
 * Writes `count` pairs as JSON Lines of `{id, prompt, chosen, rejected}` and references `{prompt, response}`. Gives what every row is, by
 * its number: an index of `kinds`.
 */
export async function writeSyntheticPairs({ count, references, pairsFile, referencesFile, seed = 1 }) {
  const random = seededRandom(seed);
  const words = vocabulary();
  const text = (length) => Array.from({ length }, () => words[zipf(random)]);
  const drawn = (mean, least) => Math.max(least, Math.round(mean * Math.exp(0.4 * normal(random) - 0.08)));
  const known = Array.from({ length: references }, () => ({
    prompt: text(drawn(40, 20)),
    response: text(drawn(150, 40)),
  }));
  await writeLines(referencesFile, known, ({ prompt, response }) => ({
    prompt: prompt.join(" "),
    response: response.join(" "),
  }));
  const kinds = ["clean", ...Object.keys(shares)];
  const truth = new Uint8Array(count);
  // Rows that others are made from: clean ones, of which some are kept in memory.
  const originals = [];
  const pairs = function* () {
    for (let row = 0; row < count; row++) {
      const kind = kindOf(random(), kinds, originals.length > 100);
      truth[row] = kind;
      let pair = { prompt: text(drawn(30, 12)), chosen: text(drawn(75, 30)), rejected: text(drawn(75, 30)) };
      const name = kinds[kind];
      if (name === "exact" || name === "near") {
        const original = originals[Math.floor(random() * originals.length)];
        pair = name === "exact" ? original : nearly(original, words, random);
      } else if (name === "contaminated prompt") pair.prompt = withRun(pair.prompt, known, random);
      else if (name === "contaminated response") {
        const side = random() < 0.5 ? "chosen" : "rejected";
        pair[side] = withRun(pair[side], known, random);
      } else if (name === "empty") pair[random() < 0.5 ? "chosen" : "rejected"] = random() < 0.5 ? [] : ["..."];
      else if (name === "long") pair.chosen = text(4500);
      // Every original may be taken a few times; only recent ones and a sample of the old are in memory.
      else if (originals.length < 20_000) originals.push(pair);
      else if (random() < 0.1) originals[Math.floor(random() * originals.length)] = pair;
      yield { row, ...pair, recased: name === "exact" && random() < 0.5 };
    }
  };
  await writeLines(pairsFile, pairs(), ({ row, prompt, chosen, rejected, recased }) => ({
    id: String(row),
    prompt: sentence(prompt, recased, "?"),
    chosen: sentence(chosen, recased, "."),
    rejected: sentence(rejected, recased, "."),
  }));
  return { kinds, truth };
}

function kindOf(drawn, kinds, hasOriginals) {
  let at = drawn;
  for (const [index, share] of Object.values(shares).entries()) {
    if (at < share) return !hasOriginals && index < 2 ? 0 : index + 1;
    at -= share;
  }
  return kinds.indexOf("clean");
}

/** One word of every text is another: of runs of three words more than four in five stay, in each part. */
function nearly(original, words, random) {
  const changed = (text) => {
    const copy = [...text];
    copy[Math.floor(random() * copy.length)] = words[zipf(random)];
    return copy;
  };
  // A short prompt with another word would be another prompt.
  const prompt = original.prompt.length >= 40 ? changed(original.prompt) : original.prompt;
  return { prompt, chosen: changed(original.chosen), rejected: changed(original.rejected) };
}

/** A text with 13 to 20 words of a reference in it. */
function withRun(text, known, random) {
  const { prompt, response } = known[Math.floor(random() * known.length)];
  const source = random() < 0.3 && prompt.length >= runWords ? prompt : response;
  const length = Math.min(source.length, runWords + Math.floor(random() * 8));
  const from = Math.floor(random() * (source.length - length + 1));
  const at = Math.floor(random() * text.length);
  return [...text.slice(0, at), ...source.slice(from, from + length), ...text.slice(at)];
}

/** Words as a text; another way of writing the same words where `recased`. */
function sentence(words, recased, end) {
  if (words.length === 0) return "";
  const text = words.join(recased ? ", " : " ");
  return (recased ? text.toUpperCase() : text[0].toUpperCase() + text.slice(1)) + end;
}

function vocabulary() {
  const random = seededRandom(7);
  const made = new Set();
  while (made.size < vocabularySize) {
    const length = 1 + Math.floor(random() * 4);
    made.add(Array.from({ length }, () => syllables[Math.floor(random() * syllables.length)]).join(""));
  }
  // Frequent words are short.
  return [...made].sort((a, b) => a.length - b.length);
}

/** Rank of a word by Zipf's law (exponent 1), by the inverse of the continuous distribution. */
function zipf(random) {
  return Math.min(vocabularySize - 1, Math.floor(Math.exp(random() * Math.log(vocabularySize + 1))) - 1);
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

async function writeLines(path, values, toRow) {
  const file = createWriteStream(path);
  let lines = [];
  const flush = async () => {
    if (!file.write(lines.join(""))) await once(file, "drain");
    lines = [];
  };
  for (const value of values) {
    lines.push(`${JSON.stringify(toRow(value))}\n`);
    if (lines.length === 1000) await flush();
  }
  await flush();
  file.end();
  await once(file, "close");
}
