// Requests as rows with bars: a page of them, which never grows.

import { element } from "./elements.js";
import { Filters } from "./filters.js";
import { RowView, detailsOf } from "./rows.js";

/** So many requests are elements at the same time. */
const PAGE = 50;

export class Timeline {
  #store;
  #list = document.getElementById("rows");
  #shown = document.getElementById("shown");
  #older = document.getElementById("older");
  #newer = document.getElementById("newer");
  #details = document.getElementById("details");
  #filters;
  #views = new Map();
  /** What the page shows. */
  #ids = [];
  /** The same since somebody came into it, while somebody is in it: so nothing moves under the focus. */
  #held = null;
  #page = 0;

  constructor(store) {
    this.#store = store;
    this.#filters = new Filters(document.getElementById("filters"), () => this.#turnTo(0));
    this.#older.addEventListener("click", () => this.#turnTo(this.#page + 1));
    this.#newer.addEventListener("click", () => this.#turnTo(this.#page - 1));
    this.#list.addEventListener("keydown", event => this.#move(event));
    this.#list.addEventListener("focusin", event => this.#enter(event.target));
    this.#list.addEventListener("focusout", () => setTimeout(() => this.#leave()));
    this.#list.addEventListener("pointerover", event => this.#tell(event.target));
    this.#list.addEventListener("pointerleave", () => this.#leave());
  }

  render() {
    const rows = this.#store.newestRows().filter(this.#filters.matcher(this.#store.now()));
    if (!this.#list.contains(document.activeElement)) this.#held = null;
    this.#page = Math.max(0, Math.min(this.#page, Math.ceil(rows.length / PAGE) - 1));
    const begin = this.#page * PAGE;
    const page = this.#held
      ? this.#held.map(id => this.#store.rows.get(id)).filter(row => row)
      : rows.slice(begin, begin + PAGE);
    this.#ids = page.map(row => row.id);
    this.#show(page);
    this.#say(rows, begin, page);
  }

  #show(page) {
    const wanted = new Set(page.map(row => row.id));
    for (const [id, view] of this.#views) {
      if (wanted.has(id)) continue;
      view.item.remove();
      this.#views.delete(id);
    }
    // What stays is not moved, which would take the focus away.
    let next = this.#list.firstChild;
    for (const row of page) {
      let view = this.#views.get(row.id);
      if (!view) {
        view = new RowView();
        this.#views.set(row.id, view);
      }
      view.update(row, this.#store);
      if (view.item === next) next = next.nextSibling;
      else this.#list.insertBefore(view.item, next);
    }
    const lines = this.#lines();
    if (lines.length > 0 && !lines.some(line => line.tabIndex === 0)) lines[0].tabIndex = 0;
  }

  #say(rows, begin, page) {
    const total = this.#store.rows.size;
    const held = this.#held && rows[begin]?.id !== this.#held[0] ? "; newer ones wait until you leave the list" : "";
    const lagged = this.#store.lagged ? "; too many came to show all" : "";
    const text = rows.length === 0
      ? (total === 0 ? "no request has come so far" : `none of ${total} requests matches`)
      : `${begin + 1} to ${begin + page.length} of ${rows.length}${rows.length < total ? ` that match, of ${total}` : ""}${held}${lagged}`;
    if (this.#shown.textContent !== text) this.#shown.textContent = text;
    this.#newer.disabled = this.#page === 0;
    this.#older.disabled = begin + PAGE >= rows.length;
  }

  #turnTo(page) {
    this.#page = page;
    this.#held = null;
    this.render();
  }

  #lines() {
    return [...this.#list.querySelectorAll(".line")];
  }

  /** One line can be reached by Tab, the others from it by arrow keys. */
  #move(event) {
    const lines = this.#lines();
    const at = lines.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (event.key === "Escape") document.getElementById("main").focus();
    if (to === undefined || !lines[to]) return;
    event.preventDefault();
    for (const line of lines) line.tabIndex = -1;
    lines[to].tabIndex = 0;
    lines[to].focus();
  }

  /** From the first moment: what comes before the next drawing would be drawn too. */
  #enter(target) {
    this.#held ??= this.#ids;
    this.#tell(target);
  }

  #tell(target) {
    const details = detailsOf(target, this.#store);
    if (!details) return;
    const list = element("dl");
    for (const [term, text] of details.list) {
      list.append(element("dt", "", term), element("dd", "", text));
    }
    if (details.error?.length > 0) {
      const chain = element("ol", "", ...details.error.map(line => element("li", "failed-text", line)));
      list.append(element("dt", "", "error"), element("dd", "", chain));
    }
    this.#details.replaceChildren(element("h2", "", details.title), list);
    this.#details.hidden = false;
  }

  #leave() {
    if (this.#list.contains(document.activeElement)) this.#tell(document.activeElement);
    else this.#details.hidden = true;
  }
}
