import { element } from "./element.js";
import { textsOf, unpack } from "./unpack.js";

// The browser of kept and dropped rows: filters, the list, and the row that is open, which is in the address.

const pageSize = 200;

async function startRows() {
  const root = document.getElementById("rows");
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const entries = await unpack("row-index");
  const controls = ["fate", "reason", "source", "search"].map((name) => [name, find(name)]);
  let [shown, open, request, limit] = [entries, -1, 0, pageSize];

  offer(find("fate"), entries, ({ fate, dropped }) => [fate, dropped ? `dropped by ${fate}` : `kept: ${fate}`]);
  offerReasons();
  offer(find("source"), entries, ({ source }) => [source, source]);
  for (const [name, control] of controls)
    control.addEventListener(name === "search" ? "input" : "change", () => {
      if (name === "fate") offerReasons();
      update();
    });
  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  await update();
  openFromAddress();
  window.addEventListener("hashchange", openFromAddress);
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
    [shown, limit] = [found, pageSize];
    find("status").textContent = `${found.length} of ${entries.length} rows`;
    renderList();
    if (found.length === 0)
      find("detail").replaceChildren(element("p", { class: "muted" }, "No row passes the filters."));
    else if (!found.includes(entries[open])) await show(entries.indexOf(found[0]), false);
  }

  function renderList() {
    const rows = shown.slice(0, limit).map((entry) => {
      const index = entries.indexOf(entry);
      const button = element(
        "button",
        { type: "button", class: "entry", "data-index": index, "aria-current": index === open ? "true" : undefined },
        element("span", { class: "snippet" }, entry.snippet === "" ? "(empty prompt)" : entry.snippet),
        element("span", { class: entry.dropped ? "bad" : "good" }, entry.dropped ? "dropped " : "kept "),
        element("span", { class: "muted" }, entry.dropped ? entry.reason : entry.fate),
      );
      button.addEventListener("click", () => show(index, true));
      return element("li", {}, button);
    });
    find("list").replaceChildren(...rows);
    const more = find("more");
    more.hidden = shown.length <= limit;
    more.textContent = `Show ${Math.min(pageSize, shown.length - limit)} more`;
    more.onclick = () => {
      limit += pageSize;
      renderList();
    };
  }

  async function show(index, remember) {
    open = index;
    for (const button of find("list").querySelectorAll("button.entry"))
      if (Number(button.dataset.index) === index) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    const entry = entries[index];
    const texts = await textsOf(entry);
    if (open !== index) return;
    find("detail").replaceChildren(...detail(entry, texts));
    const place = shown.indexOf(entry);
    find("previous").disabled = place <= 0;
    find("next").disabled = place === -1 || place >= shown.length - 1;
    if (remember) history.replaceState(null, "", `#row=${encodeURIComponent(entry.id)}`);
  }

  function step(by) {
    const next = shown[shown.indexOf(entries[open]) + by];
    if (next === undefined) return;
    if (shown.indexOf(next) >= limit) {
      limit += pageSize;
      renderList();
    }
    show(entries.indexOf(next), true);
  }

  function openFromAddress() {
    const wanted = /^#row=(.*)$/.exec(location.hash)?.[1];
    if (wanted === undefined) return;
    const index = entries.findIndex(({ id }) => encodeURIComponent(id) === wanted);
    if (index === -1) return;
    show(index, false);
    root.scrollIntoView();
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

// Paper has no folds: what is folded is printed open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details")) details.open = true;
});

startRows().catch((error) => {
  document.querySelector('#rows [data-part="status"]').textContent = `The rows cannot be shown: ${error.message}`;
});
