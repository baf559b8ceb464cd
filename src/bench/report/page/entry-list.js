import { element } from "./element.js";
import { textsOf } from "./unpack.js";

// A list of entries beside the one that is open. Which one is open is in the address, so that it can be shared.

const pageSize = 200;

/**
 * Runs the list of a browser. `root` is the browser's section, `entries` all that there are, `word` what stands in the address before the
 * name (`nameOf`) of the open entry, `emptySnippet` and `labelsOf` what a line of the list says, `showDetail` fills the pane with an entry and its texts,
 * and `noneText` fills it where no entry passes the filters. Gives `list`, which shows those that pass.
 */
export function entryList({ root, entries, word, nameOf, emptySnippet, noneText, labelsOf, showDetail }) {
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  let [shown, open, limit] = [entries, -1, pageSize];

  find("previous").addEventListener("click", () => step(-1));
  find("next").addEventListener("click", () => step(1));
  window.addEventListener("hashchange", openFromAddress);
  return { list, openFromAddress };

  async function list(found) {
    [shown, limit] = [found, pageSize];
    renderList();
    if (found.length === 0) find("detail").replaceChildren(element("p", { class: "muted" }, noneText));
    else if (!found.includes(entries[open])) await show(entries.indexOf(found[0]), false);
  }

  function renderList() {
    const rows = shown.slice(0, limit).map((entry) => {
      const index = entries.indexOf(entry);
      const button = element(
        "button",
        { type: "button", class: "entry", "data-index": index, "aria-current": index === open ? "true" : undefined },
        element("span", { class: "snippet" }, entry.snippet === "" ? emptySnippet : entry.snippet),
        ...labelsOf(entry),
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
    if (remember) history.replaceState(null, "", `#${word}=${encodeURIComponent(nameOf(entry))}`);
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
    const index = entries.findIndex((entry) => `#${word}=${encodeURIComponent(nameOf(entry))}` === location.hash);
    if (index === -1) return;
    show(index, false);
    root.scrollIntoView();
  }
}

// Paper has no folds: what is folded is printed open.
window.addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("main details")) details.open = true;
});
