// What the server has told so far.

/** More rows than these are never kept, whatever the server keeps. */
const MAX_ROWS = 5_000;
const MAX_REVALIDATIONS = 200;

export class Store {
  /** Requests and other work, by their numbers. */
  rows = new Map();
  /** Renders of pages. */
  renders = new Map();
  revalidations = [];
  overview = null;
  lagged = false;
  madeAt = 0;
  #ahead = 0;

  apply(message) {
    if (message.snapshot || message.made_at !== this.madeAt) {
      this.rows.clear();
      this.renders.clear();
      this.revalidations = [];
    }
    this.madeAt = message.made_at;
    this.#ahead = message.now - performance.now() * 1000;
    this.lagged = message.lagged;
    for (const row of message.rows) {
      (row.what === "render" ? this.renders : this.rows).set(row.id, row);
    }
    for (const id of message.gone) this.rows.delete(id);
    const [oldestRow, oldestRender] = message.oldest;
    forget(this.rows, oldestRow);
    forget(this.renders, oldestRender);
    this.revalidations.push(...message.revalidations);
    this.revalidations.splice(0, this.revalidations.length - MAX_REVALIDATIONS);
    if (message.overview) this.overview = message.overview;
  }

  /** Returns the time in microseconds since the inspector was made. */
  now() {
    return this.#ahead + performance.now() * 1000;
  }

  /** Returns the time of day of a time in microseconds, in milliseconds since 1970. */
  timeOfDay(micros) {
    return this.madeAt + micros / 1000;
  }

  newestRows() {
    return newest(this.rows);
  }

  newestRenders() {
    return newest(this.renders);
  }
}

function newest(rows) {
  return [...rows.values()].sort((one, other) => other.id - one.id);
}

/** Drops what the server has dropped. */
function forget(rows, oldest) {
  for (const id of rows.keys()) {
    if (id < oldest || rows.size > MAX_ROWS) rows.delete(id);
  }
}
