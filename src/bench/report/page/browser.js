import { outcomeText, showDetail } from "./detail.js";
import { element } from "./element.js";
import { entryList } from "./entry-list.js";
import { filterEntries } from "./items.js";
import { unpack } from "./unpack.js";

// The item browser: its filters, and what is said of an item.

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
  const { list, openFromAddress } = entryList({
    ...{
      root,
      entries,
      word: "item",
      emptySnippet: "(empty query)",
      noneText: "No item passes the filters.",
      showDetail,
    },
    nameOf: ({ benchmark, key }) => `${benchmark}/${key}`,
    labelsOf: (entry) => [element("span", { class: "muted" }, `${entry.subset} `), outcomeText(entry)],
  });
  let request = 0;

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
    status.textContent = `${found.length} of ${entries.length} items`;
    await list(found);
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

if (document.getElementById("items") !== null)
  startBrowser().catch((error) => {
    document.querySelector('#items [data-part="status"]').textContent = `The items cannot be shown: ${error.message}`;
  });
