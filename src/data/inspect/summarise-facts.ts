import type { DuckDBConnection } from "@duckdb/node-api";
import { wilsonInterval } from "../../core/statistics/wilson.ts";
import type {
  Distribution,
  DuplicateSummary,
  GroupSummary,
  LengthBias,
  PreferenceSummary,
  StrengthSummary,
  TextLengths,
} from "./preference-summary.ts";

type Numbers = Record<string, number | null>;

/** The parts of a summary that are counted in the table of facts. */
export async function summariseFacts(
  connection: DuckDBConnection,
): Promise<
  Pick<PreferenceSummary, "lengths" | "turns" | "duplicates" | "strength" | "lengthBias" | "sources" | "domains">
> {
  const query = async <T>(sql: string): Promise<T[]> =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson() as unknown as T[];
  const lengths = async (part: string): Promise<TextLengths> => ({
    characters: await distribution(query, `${part}_characters`),
    words: await distribution(query, `${part}_words`),
  });
  return {
    lengths: { query: await lengths("query"), chosen: await lengths("chosen"), rejected: await lengths("rejected") },
    turns: await query("SELECT turns, count(*)::INTEGER AS pairs FROM facts GROUP BY turns ORDER BY turns"),
    duplicates: await duplicates(query),
    strength: await strength(query),
    lengthBias: await lengthBias(query),
    sources: await groups(query, "source"),
    domains: await groups(query, "domain"),
  };
}

type Query = <T>(sql: string) => Promise<T[]>;

const shares = { p5: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95 };

async function distribution(query: Query, column: string): Promise<Distribution> {
  const quantiles = Object.entries(shares).map(([name, share]) => `quantile_cont(${column}, ${share}) AS ${name}`);
  const [row] = await query<Distribution>(
    `SELECT avg(${column}) AS mean, min(${column}) AS min, ${quantiles.join(", ")}, max(${column}) AS max FROM facts`,
  );
  return row!;
}

async function duplicates(query: Query): Promise<DuplicateSummary> {
  const [all] = await query<Numbers>(
    `SELECT count(*)::INTEGER AS pairs, count(*) FILTER (chosen_key = rejected_key)::INTEGER AS identical FROM facts`,
  );
  const [distinct] = await query<Numbers>(
    `SELECT count(*)::INTEGER AS pairs FROM (SELECT DISTINCT query_key, chosen_key, rejected_key FROM facts)`,
  );
  const [prompts] = await query<Numbers>(
    `SELECT count(*)::INTEGER AS prompts, count(*) FILTER (pairs > 1)::INTEGER AS repeated
     FROM (SELECT count(*) AS pairs FROM facts GROUP BY query_key)`,
  );
  const [swapped] = await query<Numbers>(
    `SELECT count(*)::INTEGER AS both FROM (
       SELECT query_key FROM facts WHERE chosen_key <> rejected_key
       GROUP BY query_key, least(chosen_key, rejected_key), greatest(chosen_key, rejected_key)
       HAVING min(chosen_key) <> max(chosen_key))`,
  );
  return {
    pairs: all!.pairs! - distinct!.pairs!,
    distinctPrompts: prompts!.prompts!,
    repeatedPrompts: prompts!.repeated!,
    contradictions: swapped!.both!,
    identicalResponses: all!.identical!,
  };
}

async function strength(query: Query): Promise<StrengthSummary> {
  // Rounded first: 0.3 may be stored a little above three tenths.
  const counts = await query<{ bin: number | null; pairs: number }>(
    `SELECT ceil(round(strength * 10, 9))::INTEGER AS bin, count(*)::INTEGER AS pairs FROM facts GROUP BY bin`,
  );
  const of = (bin: number | null) => counts.find((one) => one.bin === bin)?.pairs ?? 0;
  const bins = Array.from({ length: 10 }, (_, index) => ({
    from: index / 10,
    to: (index + 1) / 10,
    pairs: of(index + 1) + (index === 0 ? of(0) : 0),
  }));
  return { without: of(null), bins };
}

async function lengthBias(query: Query): Promise<LengthBias> {
  const [row] = await query<Numbers>(
    `SELECT
       count(*) FILTER (chosen_characters > rejected_characters)::INTEGER AS longer,
       count(*) FILTER (chosen_characters = rejected_characters)::INTEGER AS equal,
       count(*) FILTER (chosen_characters < rejected_characters)::INTEGER AS shorter,
       exp(avg(ln(nullif(chosen_characters, 0) / nullif(rejected_characters, 0)))) AS ratio
     FROM facts`,
  );
  const [chosenLonger, equal, rejectedLonger] = [row!.longer!, row!.equal!, row!.shorter!];
  const share = wilsonInterval(chosenLonger, chosenLonger + rejectedLonger);
  return { chosenLonger, equal, rejectedLonger, share, meanRatio: row!.ratio ?? null };
}

async function groups(query: Query, column: "source" | "domain"): Promise<GroupSummary[]> {
  return query(
    `SELECT ${column} AS name, count(*)::INTEGER AS pairs,
       count(*) FILTER (chosen_characters > rejected_characters)
         / nullif(count(*) FILTER (chosen_characters <> rejected_characters), 0) AS "chosenLonger"
     FROM facts WHERE ${column} IS NOT NULL GROUP BY ${column} ORDER BY pairs DESC, name LIMIT 200`,
  );
}
