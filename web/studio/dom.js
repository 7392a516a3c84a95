/**
 * An element with attributes, listeners (`onclick`, ...) and children.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  set(node, attributes);
  node.append(...children.filter((child) => child != null && child !== false).map(asNode));
  return node;
}

/**
 * The same for SVG.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Node} children
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

/** @param {any} child */
const asNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

/** @param {Element} node @param {Record<string, any>} attributes */
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** A line icon of 24 units. @param {string} path */
export function icon(path) {
  const attributes = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" };
  return svg("svg", attributes, svg("path", { d: path }));
}

export const ICONS = {
  dice: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01",
  brush: "M14 4l6 6-8.5 8.5a3 3 0 0 1-2.1.9H5v-4.4a3 3 0 0 1 .9-2.1ZM12 6l6 6",
  fill: "M11 3l8 8-7 7a2 2 0 0 1-3 0l-5-5a2 2 0 0 1 0-3ZM4 11h14M20 15c1 1.500 1.500 2.500 1.500 3.300a1.500 1.500 0 0 1-3 0c0-.8.5-1.800 1.500-3.300Z",
  erase: "M9 20h11M6 14l8-9a2 2 0 0 1 3 0l3 3a2 2 0 0 1 0 3l-8 9H8l-3-3a2 2 0 0 1 1-3Z",
  pick: "M14 5l5 5M12 7l5 5-8 8H4v-5ZM16 3l5 5-2 2-5-5Z",
  undo: "M9 7H4V2M4 7c2-2.500 5-4 8-4a8 8 0 1 1-7.500 11",
  redo: "M15 7h5V2M20 7c-2-2.500-5-4-8-4a8 8 0 1 0 7.500 11",
  remove: "M5 7h14M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3",
  add: "M12 5v14M5 12h14",
  nearer: "M12 19V5M6 11l6-6 6 6",
  farther: "M12 5v14M6 13l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  link: "M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 6 6l1-1",
  code: "M9 7l-5 5 5 5M15 7l5 5-5 5",
  tick: "M5 13l4 4L19 7",
  cross: "M6 6l12 12M18 6L6 18",
};
