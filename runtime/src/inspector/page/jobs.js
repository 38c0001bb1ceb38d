// Durable jobs, as their database lists them.

import { element, fill } from "./elements.js";
import { clock } from "./format.js";

/** How often they are listed anew while they are looked at, in milliseconds. */
const AGAIN = 2_000;

/** In these states a job can still be cancelled. */
const WAITING = new Set(["available", "running", "retryable", "scheduled", "pending"]);

export class Jobs {
  #store;
  #form = document.getElementById("jobs-filter");
  #status = document.getElementById("jobs-status");
  #listed = -Infinity;

  constructor(store) {
    this.#store = store;
    this.#form.addEventListener("change", () => this.#list());
    this.#form.addEventListener("submit", event => event.preventDefault());
  }

  render() {
    if (!this.#store.overview?.jobs) {
      this.#say("no jobs are shown here: give them to the inspector by its method `jobs`");
    } else if (performance.now() - this.#listed >= AGAIN) {
      this.#list();
    }
  }

  async #list() {
    this.#listed = performance.now();
    const state = this.#form.elements.state.value;
    try {
      const response = await fetch(`jobs?state=${encodeURIComponent(state)}`);
      if (!response.ok) throw new Error(await response.text() || response.statusText);
      this.#show(await response.json());
      this.#say("");
    } catch (error) {
      this.#say(`the jobs cannot be listed: ${error.message}`);
    }
  }

  #show(jobs) {
    // A button that is about to be used stays where it is.
    const table = document.getElementById("jobs-table");
    if (table.contains(document.activeElement)) return;
    fill(table, jobs.map(job => [
      ["number", String(job.id)], job.name, job.queue, job.state,
      `${job.attempt} of ${job.max_attempts}`, clock(job.finished ?? job.scheduled),
      ["failed-text", ...job.errors.slice(-1).map(last => `attempt ${last.attempt}: ${last.error}`)],
      ["", ...this.#controls(job)],
    ]), "none");
  }

  #controls(job) {
    if (!this.#store.overview?.job_control) return [];
    const actions = [];
    if (job.state !== "running" && job.state !== "available") actions.push("retry");
    if (WAITING.has(job.state)) actions.push("cancel");
    return actions.map(action => {
      const button = element("button", "", action);
      button.type = "button";
      button.setAttribute("aria-label", `${action} job ${job.id}, ${job.name}`);
      button.addEventListener("click", () => this.#do(job.id, action));
      return button;
    });
  }

  async #do(id, action) {
    const response = await fetch(`jobs/${id}/${action}`, {
      method: "POST",
      headers: { "x-with-after-inspector": "page" },
    });
    document.getElementById("main").focus();
    await this.#list();
    if (!response.ok) this.#say(`${action} of job ${id} failed: ${await response.text() || response.statusText}`);
  }

  #say(text) {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
