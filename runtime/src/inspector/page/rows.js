// One request and its tasks, as elements.

import { element } from "./elements.js";
import { endOf, isBad, taskFailed } from "./filters.js";
import { bytes, clock, duration } from "./format.js";

/** So many tasks of one request have lines of their own. */
const MAX_LINES = 20;

/** One request, whose elements stay the same as long as it is shown. */
export class RowView {
  item = element("li", "row");
  #lines = new Map();
  #more = element("div", "more");
  #row = null;

  /** Shows `row`, at `now`. What has ended and is shown already is left alone. */
  update(row, store) {
    if (row === this.#row && !isOpen(row)) return;
    this.#row = row;
    const now = store.now();
    const scale = { begin: row.arrived, length: Math.max(1, endOf(row, now) - row.arrived) };
    const tasks = inTree(row.tasks).slice(0, MAX_LINES);
    const shown = [["row", line => this.#updateRow(line, row, scale, now)]];
    for (const [task, depth] of tasks) {
      shown.push([task.id, line => this.#updateTask(line, row, task, depth, scale, now)]);
    }
    for (const [key, update] of shown) {
      if (!this.#lines.has(key)) {
        const line = new Line();
        this.#lines.set(key, line);
        this.item.insertBefore(line.element, this.#more.parentNode ? this.#more : null);
      }
      update(this.#lines.get(key));
    }
    // A nested task may come after one that was scheduled later: lines move only if none is focused.
    if (!this.item.contains(document.activeElement)) {
      for (const [key] of shown) this.item.append(this.#lines.get(key).element);
    }
    const hidden = row.tasks.length - tasks.length + row.more_tasks;
    this.#more.textContent = `and ${hidden} more tasks`;
    if (hidden > 0) this.item.append(this.#more);
  }

  #updateRow(line, row, scale, now) {
    const bad = isBad(row);
    const total = duration(scale.length);
    const how = row.end === null ? "is answered" : row.end;
    const what = row.what === "work" ? "work" : row.path;
    line.label(
      row.method && element("span", "method", row.method), what,
      row.status && element("span", bad ? "status bad" : "status", String(row.status)),
      row.end !== null && row.end !== "completed" && element("span", "status bad", row.end),
    );
    line.total(total);
    const head = row.head ?? row.ended ?? now;
    line.bars(scale, [["handler", row.arrived, head], ["body", head, row.ended ?? now]]);
    line.element.className = `line${row.ended === null ? " open" : ""}`;
    line.element.setAttribute("aria-label",
      `${row.method} ${what} ${row.status ?? ""}, ${how}, ${total}, ${row.tasks.length + row.more_tasks} tasks`);
    line.details = store => rowDetails(row, store);
  }

  #updateTask(line, row, task, depth, scale, now) {
    const failed = taskFailed(task);
    const result = task.result ?? (task.started === null ? "waits" : "runs");
    const took = duration((task.ended ?? now) - (task.started ?? task.scheduled));
    line.label(
      task.name,
      task.kind && element("span", "kind", task.kind),
      task.result !== "completed" && element("span", failed ? "status bad" : "status", result),
    );
    line.total(took);
    const started = task.started ?? task.ended ?? now;
    const bars = [["wait", task.scheduled, started]];
    if (task.started !== null) {
      bars.push([failed ? "run failed" : "run", task.started, task.ended ?? now]);
    }
    line.bars(scale, bars);
    const nested = ["", " nested", " nested2"][Math.min(depth, 2)];
    line.element.className =
      `line task${nested}${failed ? " failed" : ""}${task.ended === null ? " open" : ""}`;
    line.element.setAttribute("aria-label", `task ${task.name}, ${result}, ${took}`);
    line.details = store => taskDetails(row, task, store);
  }
}

/** A line of a request: what it is, how long it takes, and its bars. */
class Line {
  element = element("div", "line");
  details = null;
  #label = element("span", "label");
  #total = element("span", "total");
  #track = element("span", "track");

  constructor() {
    this.element.tabIndex = -1;
    this.element.setAttribute("role", "group");
    this.element.append(this.#label, this.#total, this.#track);
    lines.set(this.element, this);
  }

  label(...parts) {
    this.#label.replaceChildren(...parts.filter(part => part));
  }

  total(text) {
    this.#total.textContent = text;
  }

  bars(scale, bars) {
    while (this.#track.childElementCount > bars.length) this.#track.lastChild.remove();
    bars.forEach(([classes, from, to], index) => {
      const bar = this.#track.children[index] ?? this.#track.appendChild(element("span"));
      const at = time => 100 * Math.min(1, Math.max(0, (time - scale.begin) / scale.length));
      bar.className = `bar ${classes}`;
      bar.style.insetInlineStart = `${at(from)}%`;
      bar.style.width = `${Math.max(0, at(to) - at(from))}%`;
    });
  }
}

const lines = new WeakMap();

/** Returns what is to be told of the line in which an element stands, if it stands in one. */
export function detailsOf(target, store) {
  const line = target.closest?.(".line");
  return line ? lines.get(line)?.details(store) : null;
}

function isOpen(row) {
  return row.ended === null || row.tasks.some(task => task.ended === null);
}

/** Returns tasks with their depths, nested ones behind the task that has scheduled them. */
function inTree(tasks) {
  const known = new Set(tasks.map(task => task.id));
  const below = Map.groupBy(tasks, task => (known.has(task.parent) ? task.parent : null));
  const ordered = [];
  const add = (parent, depth) => {
    for (const task of below.get(parent) ?? []) {
      ordered.push([task, depth]);
      add(task.id, depth + 1);
    }
  };
  add(null, 0);
  return ordered;
}

function rowDetails(row, store) {
  const since = time => duration(time - row.arrived);
  return {
    title: row.what === "work" ? "Work without a request" : `${row.method} ${row.path}`,
    list: [
      ["arrived", clock(store.timeOfDay(row.arrived))],
      ["head", row.head === null ? "not yet" : `after ${since(row.head)}, status ${row.status}`],
      ["end", row.ended === null ? "not yet" : `${row.end} after ${since(row.ended)}, ${bytes(row.bytes)}`],
      ["tasks", String(row.tasks.length + row.more_tasks)],
      ...(row.headers ?? []),
    ],
  };
}

function taskDetails(row, task, store) {
  const outcome = row.ended === null ? "not finished" : `${row.end}${row.status ? `, status ${row.status}` : ""}`;
  const list = [
    ["scheduled at", task.location],
    ["kind", task.kind ?? "none"],
    ["request", `${row.method} ${row.path}`],
    ["outcome", outcome],
    ["waited", duration((task.started ?? task.ended ?? store.now()) - task.scheduled)],
    ["ran", task.started === null ? "not yet" : duration((task.ended ?? store.now()) - task.started)],
    ["deadline", task.deadline === null ? "none" : clock(store.timeOfDay(task.deadline))],
    ["result", task.result ?? (task.started === null ? "waits" : "runs")],
  ];
  return { title: `task ${task.name}`, list, error: task.error ?? [] };
}
