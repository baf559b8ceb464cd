import { dirname, join } from "node:path";
import { InputError } from "../../core/errors.ts";
import { readRows } from "../read-rows.ts";
import { bySign } from "./compare.ts";
import { choiceField, identifierField, optionalText, textField } from "./fields.ts";
import { hasFields } from "./has-fields.ts";
import { eachRow, orFault, type Preset, type PresetFile, RowFault } from "./preset.ts";
import { majority, type Votes } from "./votes.ts";

const votesFile = "crowd-comparisons.csv";

/** LLMFAO's crowd: pairs of responses, and beside them a file with the votes of several workers on each. */
export const llmfao: Preset = {
  name: "llmfao",
  title: "LLMFAO crowd comparisons",
  url: "https://github.com/dustalov/llmfao",
  licence: "CC-BY-4.0",
  shippable: true,
  gives: `one pair by most votes of ${votesFile}, which stands beside it; none for a tie or without a majority`,
  strength: "the winner's lead over the loser as a share of all votes",
  caveat: "only 13 prompts; many answers are debris of base models",
  recognises: (row) => hasFields(row, "id", "text", "model_x", "result_x", "model_y", "result_y"),
  companions: [votesFile],
  async open(file) {
    const votes = await readVotes(file);
    return eachRow((row) => {
      const result = majority(votes.get(identifierField(row, "id")) ?? { first: 0, second: 0, tie: 0 });
      if (typeof result === "string") return result;
      const responses = [textField(row, "result_x"), textField(row, "result_y")] as const;
      return bySign([{ role: "user", content: textField(row, "text") }], responses, result.preference, {
        ...result.notes,
        domain: optionalText(row, "type"),
      });
    });
  },
};

/** The votes on each pair, by its id. A vote that cannot be read makes the whole file useless: it is thrown. */
async function readVotes({ path, signal }: PresetFile): Promise<Map<string, Votes>> {
  const all = new Map<string, Votes>();
  for await (const row of readRows(join(dirname(path), votesFile), { columns: ["id", "winner"], signal })) {
    if (!row.ok) throw row.error;
    const vote = orFault(() => voteOf(row.value));
    if (vote instanceof RowFault) throw new InputError(vote.message, { ...row.where, field: vote.field });
    const votes = all.get(vote.id) ?? { first: 0, second: 0, tie: 0 };
    votes[vote.winner]++;
    all.set(vote.id, votes);
  }
  return all;
}

function voteOf(row: Record<string, unknown>) {
  const winner = choiceField(row, "winner", { left: "first", right: "second", tie: "tie" });
  return { id: identifierField(row, "id"), winner };
}
