import { type Block, heading, tableBlock, text } from "../blocks.ts";
import { count, fixed, percent, percentWithInterval, signed } from "../format.ts";
import { type BenchmarkReport, kindName, type LengthBalanceReport, reportScores } from "../report.ts";

/** How much of the scores is length, and the accuracy in which length is worth nothing. */
export function lengthBlocks({ length, scores, primary }: BenchmarkReport): Block[] {
  if (length === null) return [];
  const kinds = reportScores.flatMap((kind) => (scores[kind] === undefined ? [] : [{ kind, ...scores[kind].length }]));
  const balances = kinds.map(({ kind, betterLonger, betterShorter, balanced }) => {
    const pairs = count(betterLonger.pairs + betterShorter.pairs);
    return ["length-balanced: mean of both", kind, ...bothRules(balanced), pairs];
  });
  const halves = (["betterLonger", "betterShorter"] as const).flatMap((half) =>
    kinds.map((one) => {
      const name = `better response is the ${half === "betterLonger" ? "longer" : "shorter"} one`;
      return [name, one.kind, ...bothRules(one[half]), count(one[half].pairs)];
    }),
  );
  return [
    heading(3, "Length"),
    text(
      length.rSquared === null
        ? "Responses to the same query have equal scores or equal lengths throughout: there is nothing for length to explain."
        : `Length explains ${percent(length.rSquared)} % of the variance of the scores within queries (${kindName(primary)}; ${signed(length.slopePerThousand, 2)} points per 1,000 characters; rank correlation ${fixed(length.spearman)}).`,
    ),
    text(
      `A judge that only measures is right in one half of the pairs and wrong in the other; in the mean of both halves, whatever their sizes, it gets 50.${halvesNote(kinds[0]!)}`,
    ),
    tableBlock(["Pairs", "Score", "#Strict", "#Half credit", "#Pairs"], [...balances, ...halves], {
      emphasised: [...balances.keys()],
    }),
  ];
}

function bothRules({ strict, half }: LengthBalanceReport["balanced"]): string[] {
  return [percentWithInterval(strict), percentWithInterval(half)];
}

/** Pairs that are left out, and why there may be no mean. */
function halvesNote({ betterLonger, betterShorter, equalLength }: LengthBalanceReport): string {
  const left = equalLength === 0 ? "" : ` Left out: ${count(equalLength)} pairs of equal length.`;
  if (betterLonger.pairs > 0 && betterShorter.pairs > 0) return left;
  const empty = [betterLonger.pairs === 0 ? "longer" : "", betterShorter.pairs === 0 ? "shorter" : ""];
  return `${left} There is no length-balanced accuracy: in no pair is the better response the ${empty.filter((name) => name !== "").join(" or the ")} one.`;
}
