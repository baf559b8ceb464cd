import { element } from "../../../bench/report/page/element.js";
import { entryList } from "../../../bench/report/page/entry-list.js";
import { textsOf, unpack } from "../../../bench/report/page/unpack.js";

// The browser of kept and dropped rows: its filters, and what is said of a row.

async function startRows() {
  const root = document.getElementById("rows");
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const entries = await unpack("row-index");
  const controls = ["fate", "reason", "source", "search"].map((name) => [name, find(name)]);
  const { list, openFromAddress } = entryList({
    ...{ root, entries, word: "row", emptySnippet: "(empty prompt)", noneText: "No row passes the filters." },
    nameOf: ({ id }) => id,
    labelsOf: ({ dropped, reason, fate }) => [
      element("span", { class: dropped ? "bad" : "good" }, dropped ? "dropped " : "kept "),
      element("span", { class: "muted" }, dropped ? reason : fate),
    ],
    showDetail: (pane, entry, texts) => pane.replaceChildren(...detail(entry, texts)),
  });
  let request = 0;

  offer(find("fate"), entries, ({ fate, dropped }) => [fate, dropped ? `dropped by ${fate}` : `kept: ${fate}`]);
  offerReasons();
  offer(find("source"), entries, ({ source }) => [source, source]);
  for (const [name, control] of controls)
    control.addEventListener(name === "search" ? "input" : "change", () => {
      if (name === "fate") offerReasons();
      update();
    });
  await update();
  openFromAddress();
  root.dataset.ready = "true";

  function offerReasons() {
    const fate = find("fate").value;
    const those = entries.filter((entry) => entry.reason !== "" && (fate === "" || entry.fate === fate));
    offer(find("reason"), those, ({ reason }) => [reason, reason]);
  }

  async function update() {
    const mine = ++request;
    const [fate, reason, source, search] = controls.map(([, control]) => control.value);
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    for (const entry of entries) {
      if (fate !== "" && entry.fate !== fate) continue;
      if (reason !== "" && entry.reason !== reason) continue;
      if (source !== "" && entry.source !== source) continue;
      if (words.length > 0) {
        const text = searchable(entry, await textsOf(entry));
        if (mine !== request) return;
        if (!words.every((word) => text.includes(word))) continue;
      }
      found.push(entry);
    }
    if (mine !== request) return;
    find("status").textContent = `${found.length} of ${entries.length} rows`;
    await list(found);
  }
}

/** Fills a list with the different values of entries, each with its number. */
function offer(select, entries, choiceOf) {
  const titles = new Map();
  const counts = new Map();
  for (const entry of entries) {
    const [value, title] = choiceOf(entry);
    titles.set(value, title);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const options = [...titles].map(([value, title]) => element("option", { value }, `${title} (${counts.get(value)})`));
  select.replaceChildren(element("option", { value: "" }, "all"), ...options);
}

function searchable({ id, reason, detail: more, domain }, { messages, chosen, rejected }) {
  return [id, reason, more, domain ?? "", ...messages.map(({ content }) => content), chosen, rejected]
    .join("\n")
    .toLowerCase();
}

function detail(entry, { messages, chosen, rejected }) {
  const fate = entry.dropped
    ? element("p", {}, element("strong", { class: "bad" }, `Dropped by ${entry.fate}: `), entry.reason)
    : element("p", {}, element("strong", { class: "good" }, "Kept: "), entry.fate);
  const facts = [
    entry.source,
    entry.domain,
    entry.strength === null ? null : `strength ${Math.round(entry.strength * 100) / 100}`,
  ].filter((fact) => fact !== null);
  const side = (title, text) =>
    element("section", { class: "response", "aria-label": title }, element("h4", {}, title), textBlock(text));
  return [
    element("h3", { tabindex: "-1" }, entry.id),
    fate,
    entry.detail !== "" && element("p", {}, entry.detail),
    entry.other !== null && element("p", {}, `The other row: ${entry.other}`),
    element("p", { class: "muted" }, facts.join(", ")),
    element("h4", {}, "Prompt"),
    ...messages.map(({ role, content }) =>
      element("div", {}, messages.length > 1 && element("span", { class: "muted" }, role), textBlock(content)),
    ),
    element("div", { class: "side-by-side" }, side("Chosen", chosen), side("Rejected", rejected)),
  ].filter(Boolean);
}

function textBlock(text) {
  return element("div", { class: "text", tabindex: "0" }, text === "" ? element("em", {}, "(empty)") : text);
}

startRows().catch((error) => {
  document.querySelector('#rows [data-part="status"]').textContent = `The rows cannot be shown: ${error.message}`;
});
