// Connects to the server, and shows the view that is asked for.

import { Jobs } from "./jobs.js";
import { Overview } from "./overview.js";
import { Pages } from "./pages.js";
import { Store } from "./store.js";
import { Timeline } from "./timeline.js";

/** How often what has not ended is drawn anew, in milliseconds. */
const REDRAW = 250;

/** After this time without a connection it is called lost. */
const LOST = 1_500;

const store = new Store();
const views = {
  timeline: new Timeline(store),
  overview: new Overview(store),
  pages: new Pages(store),
  jobs: new Jobs(store),
};
const pause = document.getElementById("pause");
const connection = document.getElementById("connection");
const notice = document.getElementById("notice");

let paused = false;
let heard = performance.now();
let drawn = false;

function current() {
  const name = location.hash.slice(1);
  return Object.hasOwn(views, name) ? name : "timeline";
}

function turn() {
  for (const name of Object.keys(views)) document.getElementById(name).hidden = name !== current();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${current()}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  views[current()].render();
}

function draw() {
  if (drawn || paused) return;
  drawn = true;
  requestAnimationFrame(() => {
    drawn = false;
    if (!paused) views[current()].render();
  });
}

function connect() {
  const source = new EventSource("events");
  source.addEventListener("message", event => {
    heard = performance.now();
    store.apply(JSON.parse(event.data));
    document.getElementById("jobs-link").hidden = !store.overview?.jobs;
    tell();
    draw();
  });
  // A browser comes back by itself, unless it was turned away.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, LOST);
  });
}

/** Says how the connection is, and whether the server stops. */
function tell() {
  const lost = performance.now() - heard > LOST;
  const state = lost ? "lost" : "live";
  const text = lost ? "no connection" : paused ? "paused" : "live";
  if (connection.textContent !== text) connection.textContent = text;
  connection.dataset.state = state;
  const { draining, drained } = store.overview ?? {};
  notice.hidden = !draining;
  const stop = drained ? `The server has stopped: ${drained}.` : "The server stops, and waits for what has not ended: see the overview.";
  if (draining && notice.textContent !== stop) notice.textContent = stop;
}

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  tell();
  draw();
});
addEventListener("hashchange", turn);
setInterval(() => {
  tell();
  draw();
}, REDRAW);
connect();
turn();
