import { seededRandom } from "../../dist/core/index.js";

const words =
  "answer because before better between clear could detail every example first follow given ground heat house idea into just keep large light little make method more most never number often open order other over part place point question rather reason right same second short simple since small some stand such sure take than their there these thing think those three through time turn under until water well where which while without work world would write year".split(
    " ",
  );

/** An endless-looking stream of judge inputs: queries of 40 words, responses of 120, all different, the same in every run. */
export function* syntheticItems(count, responses) {
  const random = seededRandom(1);
  const text = (length) => Array.from({ length }, () => words[Math.floor(random() * words.length)]).join(" ");
  for (let item = 0; item < count; item++) {
    yield {
      id: String(item),
      query: { messages: [{ role: "user", content: `Question ${item}: ${text(40)}?` }] },
      responses: Array.from({ length: responses }, (_, index) => ({ id: String(index), text: text(120) })),
    };
  }
}
