import { element } from "./element.js";

// One item, opened: query, criteria, scores per criterion, responses and evaluations side by side.

const number = (value) => (value === null || value === undefined ? "none" : String(Math.round(value * 100) / 100));

/** Fills the pane with an item. */
export function showDetail(pane, entry, texts) {
  const heading = element("h3", { tabindex: "-1" }, entry.key);
  const summary = element("p", { class: "muted" }, `${entry.benchmark}, ${entry.subset}: `, outcomeText(entry));
  if (texts === undefined) {
    const missing = "The texts of this item were left out to keep the page small; they are in items.jsonl of the run.";
    pane.replaceChildren(heading, summary, element("p", {}, missing));
    return;
  }
  pane.replaceChildren(
    heading,
    summary,
    element("h4", {}, "Query"),
    ...texts.messages.map((message) => messageBlock(message, texts.messages.length > 1)),
    ...criteriaBlocks(texts),
    ...criterionTable(texts),
    ...comparisonBlocks(texts),
    element("h4", {}, "Responses"),
    element(
      "div",
      { class: "side-by-side" },
      texts.responses.map((response, index) => responseBlock(response, index, texts)),
    ),
  );
}

/** The outcome in words and colour. */
export function outcomeText(entry) {
  const parts = [];
  if (entry.wins > 0) parts.push(element("span", { class: "good" }, `${entry.wins} right`));
  if (entry.losses > 0) parts.push(element("span", { class: "bad" }, `${entry.losses} wrong`));
  if (entry.ties > 0) parts.push(element("span", { class: "warn" }, `${entry.ties} tied`));
  if (entry.unscored > 0) parts.push(element("span", { class: "warn" }, `${entry.unscored} unscored`));
  return element("span", {}, ...parts.flatMap((part, index) => (index === 0 ? [part] : [", ", part])));
}

function messageBlock(message, named) {
  return element("div", {}, named && element("span", { class: "muted" }, message.role), textBlock(message.content));
}

function textBlock(text) {
  return element("div", { class: "text", tabindex: "0" }, text === "" ? element("em", {}, "(empty)") : text);
}

function criteriaBlocks(texts) {
  if (texts.criteria.length === 0) return [];
  const lists = texts.criteria.map((sample, index) => {
    const title = sample.responseId === undefined ? `Sample ${index + 1}` : `For response ${sample.responseId}`;
    const content =
      sample.items === undefined
        ? element(
            "div",
            {},
            element("p", { class: "warn" }, sample.unscored ?? "no criteria"),
            textBlock(sample.text ?? ""),
          )
        : element(
            "ol",
            {},
            sample.items.map(({ term, description }) =>
              element("li", {}, element("strong", {}, term), `: ${description}`),
            ),
          );
    return texts.criteria.length === 1 ? content : element("div", {}, element("p", { class: "muted" }, title), content);
  });
  return [element("h4", {}, "Criteria"), ...lists];
}

/** Scores per criterion: criteria down, evaluations across. */
function criterionTable(texts) {
  const columns = texts.responses.flatMap((response, index) =>
    response.evaluations.map((evaluation, vote) => ({
      title: `${index}${response.evaluations.length > 1 ? `, vote ${vote + 1}` : ""}`,
      quality: response.quality,
      evaluation,
    })),
  );
  const terms = [
    ...new Set(columns.flatMap(({ evaluation }) => (evaluation.criterionScores ?? []).map(({ term }) => term))),
  ];
  if (columns.length === 0) return [];
  const scoreOf = (evaluation, term) => (evaluation.criterionScores ?? []).find((one) => one.term === term);
  const row = (name, cells) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, name),
      cells.map((cell) => element("td", { class: "number" }, cell)),
    );
  const rows = terms.map((term) =>
    row(
      term,
      columns.map(({ evaluation }) => {
        const found = scoreOf(evaluation, term);
        return found === undefined ? "" : number(found.score);
      }),
    ),
  );
  if (columns.some(({ evaluation }) => evaluation.otherPoints !== undefined))
    rows.push(
      row(
        "Other Point(s)",
        columns.map(({ evaluation }) => number(evaluation.otherPoints?.score)),
      ),
    );
  rows.push(
    row(
      "Overall",
      columns.map(({ evaluation }) => number(evaluation.score)),
    ),
  );
  const head = columns.map(({ title }) => element("th", { class: "number", scope: "col" }, `Response ${title}`));
  const table = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Criterion"), head)),
    element("tbody", {}, rows),
  );
  return [element("h4", {}, "Scores"), element("div", { class: "scroll" }, table)];
}

function comparisonBlocks(texts) {
  if (texts.pairwise === undefined) return [];
  const blocks = texts.pairwise.map(({ a, b, verdicts, texts: answers }) =>
    element(
      "div",
      {},
      element(
        "p",
        {},
        `Responses ${a} and ${b}: shown in this order ${verdicts[0] ?? "no verdict"}, turned round ${verdicts[1] ?? "no verdict"}`,
      ),
      (answers ?? []).map((answer, order) => foldedText(order === 0 ? "Answer" : "Answer, turned round", answer ?? "")),
    ),
  );
  return [element("h4", {}, "Comparisons"), ...blocks];
}

function responseBlock(response, index, texts) {
  return element(
    "section",
    { class: "response", "aria-label": `Response ${index}` },
    element("h4", {}, `Response ${index} `, labelOf(response, texts)),
    texts.pairwise === undefined && rewardLine(response),
    textBlock(response.text),
    response.evaluations.map((evaluation, vote) =>
      evaluationBlock(evaluation, response.evaluations.length > 1 ? `, vote ${vote + 1}` : ""),
    ),
  );
}

function labelOf(response, texts) {
  const qualities = new Set(texts.responses.map(({ quality }) => quality));
  const binary = [...qualities].every((quality) => quality === 0 || quality === 1);
  if (!binary) return element("span", { class: "muted" }, `(quality ${number(response.quality)})`);
  return response.quality === 1
    ? element("span", { class: "good" }, "(label: better)")
    : element("span", { class: "muted" }, "(label: worse)");
}

function rewardLine(response) {
  if (response.hard === null && response.expected === null)
    return element("p", { class: "warn" }, `Unscored: ${response.unscored ?? "no reason given"}`);
  return element(
    "p",
    {},
    element("span", { class: "reward" }, number(response.hard)),
    response.expected !== null && element("span", { class: "muted" }, ` expected ${number(response.expected)}`),
  );
}

function evaluationBlock(evaluation, suffix) {
  if (evaluation.score === null)
    return element(
      "div",
      {},
      element("p", { class: "warn" }, `Evaluation${suffix}: ${evaluation.unscored ?? "unscored"}`),
      foldedText("The judge's answer", evaluation.text ?? ""),
    );
  const reasons = (evaluation.criterionScores ?? []).map(({ term, score, rationale }) =>
    element("li", {}, element("strong", {}, `${term} ${number(score)}`), `: ${rationale}`),
  );
  return element(
    "div",
    {},
    element("p", {}, element("strong", {}, `Evaluation${suffix} `), evaluation.rationale ?? ""),
    reasons.length > 0 &&
      element("details", {}, element("summary", {}, "Reasons per criterion"), element("ul", {}, reasons)),
    foldedText("The judge's answer", evaluation.text ?? ""),
  );
}

function foldedText(title, text) {
  return element("details", {}, element("summary", {}, title), textBlock(text));
}
