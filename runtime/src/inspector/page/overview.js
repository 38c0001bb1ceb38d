// What has not ended, how fast it goes, and what fails.

import { element, fill } from "./elements.js";
import { clock, duration, rate } from "./format.js";

export class Overview {
  #store;

  constructor(store) {
    this.#store = store;
  }

  render() {
    const overview = this.#store.overview;
    if (!overview) return;
    this.#totals(overview);
    this.#live(overview);
    this.#times(overview.percentiles);
    this.#failures(overview.failures);
  }

  #totals({ totals, per_second: [requests, tasks, failures] }) {
    const shown = [
      ["requests", `${totals.requests}`, rate(requests)],
      ["being answered", `${totals.in_flight}`],
      ["tasks waiting", `${totals.pending}`],
      ["tasks running", `${totals.running}`],
      ["completed", `${totals.completed}`, `${rate(tasks)} ended`],
      ["failed", `${totals.failed}`, rate(failures)],
      ["skipped", `${totals.skipped}`],
      ["refused", `${totals.refused}`],
    ];
    document.getElementById("totals").replaceChildren(...shown.map(([term, value, perSecond]) =>
      element("div", "", element("dt", "", term),
        element("dd", "", value, perSecond && element("span", "note", ` ${perSecond}`)))));
  }

  #live(overview) {
    const heading = document.getElementById("holding-heading");
    heading.textContent = overview.draining && !overview.drained
      ? "This holds the shutdown, the oldest first"
      : "Not ended, the oldest first";
    const now = this.#store.now();
    const requests = overview.open_requests.map(request => [request.arrived, [
      `${request.method} ${request.path}`, "is answered", ["number", duration(now - request.arrived)],
      "request", "", "",
    ]]);
    const tasks = overview.live_tasks.map(task => [task.scheduled, [
      task.name, task.started === null ? "waits" : "runs", ["number", duration(now - task.scheduled)],
      task.kind ?? "task", task.of, task.location,
    ]]);
    const rows = [...requests, ...tasks].sort(([one], [other]) => one - other).map(([, row]) => row);
    fill(document.getElementById("live"), rows, "nothing: all has ended");
  }

  #times({ tasks, queue_wait: wait, run_time: run }) {
    const row = (what, [p50, p99]) => [what, ["number", duration(p50)], ["number", duration(p99)]];
    const rows = tasks > 0 ? [row("from `after` to the start", wait), row("run", run)] : [];
    fill(document.getElementById("times"), rows, "no task has run so far");
  }

  #failures(failures) {
    const rows = Object.entries(failures)
      .sort(([, one], [, other]) => other.count - one.count)
      .map(([name, failed]) => [
        name, ["number", String(failed.count)], clock(this.#store.timeOfDay(failed.at)),
        failed.location, ["failed-text", failed.error],
      ]);
    fill(document.getElementById("failures"), rows, "none");
  }
}
