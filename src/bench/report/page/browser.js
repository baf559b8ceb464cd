import { outcomeText, showDetail } from "./detail.js";
import { element } from "./element.js";
import { filterEntries } from "./items.js";
import { textsOf, unpack } from "./unpack.js";

// The item browser: filters, the list, and which item is open. The open item is in the address, so that it can be shared.

const pageSize = 200;

async function startBrowser() {
  const root = document.getElementById("items");
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const status = find("status");
  if (typeof DecompressionStream === "undefined") {
    status.textContent =
      "This browser cannot unpack the items: it has no DecompressionStream. Everything above is complete.";
    return;
  }
  const entries = await unpack("item-index");
  const controls = ["benchmark", "subset", "outcome", "search"].map((name) => [name, find(name)]);
  let shown = entries;
  let open = -1;
  let request = 0;
  let limit = pageSize;

  offer(
    find("benchmark"),
    entries.map(({ benchmark }) => benchmark),
  );
  offerSubsets();
  for (const [name, control] of controls)
    control.addEventListener(name === "search" ? "input" : "change", () => {
      if (name === "benchmark") offerSubsets();
      update();
    });
  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  window.addEventListener("hashchange", openFromAddress);
  await update();
  openFromAddress();
  root.dataset.ready = "true";

  async function update() {
    const mine = ++request;
    const filters = Object.fromEntries(controls.map(([name, control]) => [name, control.value]));
    if (filters.search !== "") {
      status.textContent = "Searching";
      // A keystroke that follows at once makes this search useless.
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (mine !== request) return;
    }
    const found = await filterEntries(entries, filters, () => mine === request);
    if (found === undefined || mine !== request) return;
    shown = found;
    limit = pageSize;
    status.textContent = `${found.length} of ${entries.length} items`;
    renderList();
    if (found.length === 0)
      find("detail").replaceChildren(element("p", { class: "muted" }, "No item passes the filters."));
    else if (!found.includes(entries[open])) await show(entries.indexOf(found[0]), false);
  }

  function renderList() {
    const rows = shown.slice(0, limit).map((entry) => {
      const index = entries.indexOf(entry);
      const button = element(
        "button",
        { type: "button", class: "entry", "data-index": index, "aria-current": index === open ? "true" : undefined },
        element("span", { class: "snippet" }, entry.snippet === "" ? "(empty query)" : entry.snippet),
        element("span", { class: "muted" }, `${entry.subset} `),
        outcomeText(entry),
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
    for (const button of find("list").querySelectorAll("button.entry")) {
      const current = Number(button.dataset.index) === index;
      if (current) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    const entry = entries[index];
    const texts = await textsOf(entry);
    if (open !== index) return;
    showDetail(find("detail"), entry, texts);
    const place = shown.indexOf(entry);
    find("previous").disabled = place <= 0;
    find("next").disabled = place === -1 || place >= shown.length - 1;
    if (remember) history.replaceState(null, "", `#item=${encodeURIComponent(`${entry.benchmark}/${entry.key}`)}`);
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
    const wanted = /^#item=(.*)$/.exec(location.hash)?.[1];
    if (wanted === undefined) return;
    const index = entries.findIndex(({ benchmark, key }) => encodeURIComponent(`${benchmark}/${key}`) === wanted);
    if (index === -1) return;
    show(index, false);
    root.scrollIntoView();
  }

  function offerSubsets() {
    const benchmark = find("benchmark").value;
    offer(
      find("subset"),
      entries.filter((entry) => benchmark === "" || entry.benchmark === benchmark).map(({ subset }) => subset),
    );
  }

  function offer(select, values) {
    const options = [...new Set(values)].sort().map((value) => element("option", { value }, value));
    select.replaceChildren(element("option", { value: "" }, "all"), ...options);
  }
}

// Paper has no folds: what is folded is printed open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details")) details.open = true;
});

if (document.getElementById("items") !== null)
  startBrowser().catch((error) => {
    document.querySelector('#items [data-part="status"]').textContent = `The items cannot be shown: ${error.message}`;
  });
