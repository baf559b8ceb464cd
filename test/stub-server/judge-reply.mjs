// Answers of a pretended judge, in the default prompt pack's answer format. Plain JavaScript, so that the benchmark can
// run the server as a process of its own.

const terms = ["Correctness", "Completeness", "Clarity", "Helpfulness", "Style"];

/** FNV-1a, 32 bits: the same text gets the same scores in every process. */
export function hashText(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The content a judge would answer to a request's messages: criteria, or an evaluation with boxed scores. */
export function judgeReply(messages, variation = 0) {
  const last = messages.at(-1)?.content ?? "";
  const criteria = messages.findLast((each) => each.role === "assistant" && each.content.includes("[End of Criteria]"));
  const hash = hashText(last) ^ Math.imul(variation, 0x9e3779b1);
  if (criteria !== undefined) return evaluation(termsOf(criteria.content), hash >>> 0);
  if (last.includes("[Start of Response]") && !last.includes("[Start of Criteria]")) return evaluation([], hash >>> 0);
  return criteriaText(hash >>> 0);
}

function criteriaText(hash) {
  const count = 3 + (hash % 3);
  const lines = terms
    .slice(0, count)
    .map((term, index) => `${index + 1}. **${term}**: How far ${term.toLowerCase()} goes.`);
  return `The query asks for a useful answer.\n\n[Start of Criteria]\n${lines.join("\n")}\n[End of Criteria]`;
}

function termsOf(text) {
  return [...text.matchAll(/^\s*\d+\.\s+\*\*(.+?)\*\*/gm)].map((match) => match[1]);
}

function evaluation(criteria, hash) {
  const lines = criteria.map(
    (term, index) =>
      `${index + 1}. **${term}**: The response does this fairly well. \\boxed{${(hash >>> (index * 3)) % 6}}`,
  );
  return `${lines.join("\n")}\n\nOverall: A fair response. \\boxed{${(hash % 21) / 2}}`.trimStart();
}
