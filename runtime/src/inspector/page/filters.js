// Which requests are shown.

export class Filters {
  #form;

  constructor(form, changed) {
    this.#form = form;
    form.addEventListener("input", changed);
    form.addEventListener("submit", event => event.preventDefault());
    // The fields are empty only after the event.
    form.addEventListener("reset", () => setTimeout(changed));
  }

  /** Returns a function that tells whether a row is to be shown. */
  matcher(now) {
    const fields = this.#form.elements;
    const text = name => fields[name].value.trim().toLowerCase();
    const [search, path, name, kind] = [text("search"), text("path"), text("name"), text("kind")];
    const slow = fields.slow.checked ? (Number(fields.limit.value) || 0) * 1000 : null;
    const failed = fields.failed.checked;
    const holds = (value, part) => value !== null && value.toLowerCase().includes(part);
    return row =>
      (!path || holds(row.path, path))
      && (!name || row.tasks.some(task => holds(task.name, name)))
      && (!kind || row.tasks.some(task => (task.kind ?? "-") === kind))
      && (!failed || hasFailed(row))
      && (slow === null || isSlow(row, slow, now))
      && (!search || texts(row).some(value => holds(value, search)));
  }
}

/** Tells whether the response, or a task, has failed. */
export function hasFailed(row) {
  return isBad(row) || row.tasks.some(taskFailed);
}

export function isBad(row) {
  return row.status >= 500 || (row.end !== null && row.end !== "completed");
}

export function taskFailed(task) {
  return task.result !== null && task.result !== "completed" && task.result !== "skipped";
}

/** Returns when the last of a row ends, or `now` if that is yet to come. */
export function endOf(row, now) {
  const ends = row.tasks.map(task => task.ended ?? now);
  return Math.max(row.ended ?? now, ...ends);
}

function isSlow(row, limit, now) {
  return (row.ended ?? now) - row.arrived >= limit
    || row.tasks.some(task => (task.ended ?? now) - task.scheduled >= limit);
}

function texts(row) {
  const tasks = row.tasks.flatMap(task =>
    [task.name, task.kind ?? "", task.location, task.result ?? "", ...(task.error ?? [])]);
  const headers = (row.headers ?? []).flat();
  return [row.method, row.path, String(row.status ?? ""), row.end ?? "", ...headers, ...tasks];
}
