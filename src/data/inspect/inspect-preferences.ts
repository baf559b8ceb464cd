import type { PreferencePair } from "../../core/preference-pair.ts";
import { deriveSeed, seededRandom } from "../../core/random.ts";
import { openDuckdb } from "../duckdb/open-duckdb.ts";
import { RowAppender } from "../duckdb/row-appender.ts";
import { type ReadPreferencesOptions, readPreferences } from "../read-preferences.ts";
import { lostRows, type RowPlace } from "../row.ts";
import { countLanguages } from "./count-languages.ts";
import { factsOf, factsTable } from "./pair-facts.ts";
import type { FileSummary, PairExample, PreferenceSummary } from "./preference-summary.ts";
import { Reservoir } from "./reservoir.ts";
import { summariseFacts } from "./summarise-facts.ts";

export interface InspectOptions extends Omit<ReadPreferencesOptions, "onPreset"> {
  /** Only the first pairs. Default: all. */
  limit?: number;
  /** Pairs shown as examples. Default 3. */
  examples?: number;
  /** Queries whose language is detected, which takes 0.1 ms each. Default 2,000. */
  languageSample?: number;
  /** Of the samples. Default 0. */
  seed?: number;
  /** Called after every 1,000 pairs with their number so far. */
  onProgress?: (pairs: number) => void;
}

const keptMessages = 20;
/** Characters of a query that its language is told from, and those of an example's text. */
const [languageLength, exampleLength] = [1000, 300];

/**
 * Reads preference data once and sums it up. Counting is done in a database on disk, so that memory does not grow with
 * the data. Throws only the signal's reason.
 */
export async function inspectPreferences(
  source: string | readonly string[],
  options: InspectOptions = {},
): Promise<PreferenceSummary> {
  const { limit = Number.POSITIVE_INFINITY, examples = 3, languageSample = 2000, seed = 0, onProgress } = options;
  const files: FileSummary[] = [];
  const none = new Map<string, number>();
  const broken = { rows: 0, files: 0, messages: [] as string[] };
  const queries = new Reservoir<string>(languageSample, seededRandom(deriveSeed(seed, 1)));
  const drawn = new Reservoir<PairExample>(examples, seededRandom(deriveSeed(seed, 2)));
  let [rows, pairs] = [0, 0];
  let last: RowPlace | undefined;
  await using db = await openDuckdb();
  await db.connection.run(factsTable);
  const facts = await RowAppender.open(db.connection, "facts");
  const results = readPreferences(source, {
    ...options,
    onPreset: (file, { name, licence, shippable, caveat }) =>
      files.push({ file: file.name, preset: name, licence, shippable, caveat }),
  });
  for await (const result of results) {
    const { where } = result;
    if (where !== undefined && (where.row !== last?.row || where.file !== last.file)) rows++;
    last = where ?? last;
    if (!result.ok) {
      const lost = lostRows(result);
      if (lost > 1) rows += lost - 1;
      broken.rows += lost;
      if (lost === 0) broken.files++;
      if (broken.messages.length < keptMessages) broken.messages.push(result.error.message);
    } else if (result.pair === undefined) none.set(result.none, (none.get(result.none) ?? 0) + 1);
    else {
      const { pair } = result;
      facts.append(factsOf(pair));
      queries.offer(() => pair.messages.at(-1)!.content.slice(0, languageLength));
      drawn.offer(() => exampleOf(pair));
      if (++pairs % 1000 === 0) onProgress?.(pairs);
      if (pairs >= limit) break;
    }
  }
  facts.close();
  return {
    files,
    rows,
    pairs,
    none: [...none].map(([reason, count]) => ({ reason, rows: count })).sort((a, b) => b.rows - a.rows),
    broken,
    ...(await summariseFacts(db.connection)),
    languages: await countLanguages(queries.values),
    examples: drawn.values,
  };
}

function exampleOf({ id, messages, chosen, rejected, strength }: PreferencePair): PairExample {
  const cut = (text: string) => (text.length > exampleLength ? `${text.slice(0, exampleLength)}…` : text);
  const query = cut(messages.at(-1)!.content);
  return { id, query, chosen: cut(chosen), rejected: cut(rejected), ...(strength === undefined ? {} : { strength }) };
}
