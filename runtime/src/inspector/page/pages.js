// Renders and revalidations of sites.

import { fill } from "./elements.js";
import { endOf, isBad, taskFailed } from "./filters.js";
import { clock, duration } from "./format.js";

/** So many of each are shown. */
const SHOWN = 100;

export class Pages {
  #store;

  constructor(store) {
    this.#store = store;
  }

  render() {
    const store = this.#store;
    const time = at => clock(store.timeOfDay(at));
    const renders = store.newestRenders().slice(0, SHOWN).map(row => [
      row.path,
      time(row.arrived),
      ["number", duration(endOf({ ...row, tasks: [] }, store.now()) - row.arrived)],
      [isBad(row) ? "failed-text" : "", row.end === null ? "renders" : ending(row)],
      ["", ...row.tasks.flatMap((task, index) => [index > 0 ? ", " : "", named(task)])],
    ]);
    fill(document.getElementById("renders"), renders, "none: a site tells of its renders if it is built with `.observe(inspector)`");
    const revalidations = store.revalidations.slice(-SHOWN).reverse();
    const rows = revalidations.map(({ pages, at, location }) => [pages, time(at), location]);
    fill(document.getElementById("revalidations"), rows, "none");
  }
}

function ending(row) {
  return row.status ? `${row.end}, status ${row.status}` : row.end;
}

function named(task) {
  const why = (task.error ?? []).join(": ");
  if (taskFailed(task)) return `${task.name} (${why})`;
  return task.ended === null ? `${task.name} …` : task.name;
}
