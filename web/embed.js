/** The page for an iframe: its query sets the element's attributes, its events go to the parent. */

import "./segue.js";

const ATTRIBUTES = ["prompt", "weights", "weights-size", "variant", "server", "lang", "seed", "steps", "backend"];
const EVENTS = ["segue-load", "segue-progress", "segue-result", "segue-error"];

const studio = document.createElement("segue-studio");
const query = new URLSearchParams(location.search);
for (const name of ATTRIBUTES) {
  const value = query.get(name);
  if (value !== null) studio.setAttribute(name, value);
}
studio.setAttribute("no-hash", "");
for (const name of EVENTS) {
  studio.addEventListener(name, (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    parent.postMessage({ type: name, detail }, "*");
  });
}
document.body.append(studio);
/** A frame cannot know how tall its content is; its parent may want to. */
new ResizeObserver(() => {
  parent.postMessage({ type: "segue-height", detail: document.documentElement.scrollHeight }, "*");
}).observe(studio);
