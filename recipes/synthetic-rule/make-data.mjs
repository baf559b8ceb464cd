// Writes the data of this recipe: pairs under a known rule, and cold-start conversations that teach the form and not the rule.
// node recipes/synthetic-rule/make-data.mjs FOLDER
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "cerm/core";
import { loadPack, parseCriteria, renderCriteria, renderEvaluation, renderImplicit } from "cerm/prompts";

/** The rule: a response that names a fruit is better than one that names a tool. Held-out words are never trained on. */
const words = {
  train: {
    fruit: ["apple", "banana", "cherry", "lemon", "mango", "peach", "pear", "plum", "grape", "melon"],
    tool: ["hammer", "wrench", "drill", "ladder", "shovel", "screwdriver", "chisel", "rake", "clamp", "axe"],
  },
  heldOut: {
    fruit: ["orange", "strawberry", "kiwi", "apricot", "blueberry"],
    tool: ["saw", "pliers", "crowbar", "mallet", "spade"],
  },
};

const folder = process.argv[2];
if (folder === undefined) {
  console.error("name a folder: node recipes/synthetic-rule/make-data.mjs FOLDER");
  process.exit(2);
}
const pack = await loadPack(fileURLToPath(new URL("short-pack", import.meta.url)));
const random = seededRandom(1);
const pick = (list) => list[Math.floor(random() * list.length)];

function makePair(name, index, { fruit, tool }) {
  const query = `What did ${pick(["you", "she", "he", "they", "Anna"])} ${pick(["buy", "bring", "find", "see"])}?`;
  const say = (word) => `${pick(["Just", "Only", "Maybe"])} the ${word}.`;
  return {
    id: `${name}#${index}`,
    messages: [{ role: "user", content: query }],
    chosen: say(pick(fruit)),
    rejected: say(pick(tool)),
    source: "synthetic-rule",
  };
}

const criteriaTexts = ["Fruit: names a fruit", "Length: is short", "Manner: is polite", "Tool: names a tool"];

/** A conversation in the judge's form, with criteria and scores that are drawn at random. */
function makeConversation(index, pair) {
  const response = { text: index % 2 === 0 ? pair.chosen : pair.rejected };
  const score = { role: "assistant", content: `Overall: \\boxed{${Math.floor(random() * 10)}}` };
  if (index % 4 > 1) return { id: `implicit#${index}`, messages: [...renderImplicit(pack, pair, response), score] };
  const turn1 = renderCriteria(pack, pair);
  const { start, end } = pack.markers.criteria;
  const text = `${start}\n1. ${pick(criteriaTexts)}\n${end}`;
  const { criteria } = parseCriteria(pack, text, "stop");
  return { id: `two-turns#${index}`, messages: [...renderEvaluation(pack, turn1, criteria, response), score] };
}

const make = (count, one) => Array.from({ length: count }, (_, index) => one(index));
const files = {
  "train.jsonl": make(512, (index) => makePair("train", index, words.train)),
  "held-out.jsonl": make(64, (index) => makePair("held-out", index, words.heldOut)),
  "cold-start.jsonl": make(160, (index) => makeConversation(index, makePair("cold-start", index, words.train))),
};
mkdirSync(folder, { recursive: true });
for (const [file, rows] of Object.entries(files))
  writeFileSync(join(folder, file), `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
console.log(
  `${Object.entries(files)
    .map(([file, { length }]) => `${file} ${length}`)
    .join(", ")} -> ${folder}`,
);
