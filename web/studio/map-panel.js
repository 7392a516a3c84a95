/** The map: brush, fill, eraser and eyedropper on it, with undo and redo. */

import { WORDS } from "../words/index.js";
import { h, icon, ICONS } from "./dom.js";
import { Palette } from "./palette.js";

/** @typedef {import("../protocol.d.ts").SegMap} SegMap */

/** Changes that can be undone. */
const HISTORY = 40;

export class MapPanel {
  /** @param {{ onChange: (map: SegMap) => void }} on called after every stroke */
  constructor({ onChange }) {
    this.onChange = onChange;
    /** @type {import("./palette.js").Palette} */
    this.palette = new Palette([]);
    /** @type {import("../words/index.js").Words} */
    this.words = WORDS.en;
    /** @type {"en" | "vi"} */
    this.language = "en";
    /** @type {SegMap | null} */
    this.map = null;
    /** The map before any stroke: what the eraser brings back. @type {SegMap | null} */
    this.original = null;
    /** @type {SegMap[]} */
    this.past = [];
    /** @type {SegMap[]} */
    this.future = [];
    this.tool = "brush";
    this.paint = { class: 0, instance: 0 };
    this.size = 5;
    this.canvas = h("canvas", { "data-testid": "map", class: "stage pixels", width: 1, height: 1, role: "img" });
    this.tools = h("div", { class: "tools" });
    this.node = h("div", { class: "body" }, this.canvas, this.tools);
    this.canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.down(e));
  }

  /**
   * @param {SegMap | null} map
   * @param {import("./palette.js").Palette} palette
   * @param {import("../words/index.js").Words} words
   * @param {"en" | "vi"} language
   */
  show(map, palette, words, language) {
    if (map !== this.map) {
      this.original = map;
      this.past = [];
      this.future = [];
    }
    Object.assign(this, { map, palette, words, language });
    if (!this.paint.class) this.paint.class = palette.byName.get("tree")?.id ?? 1;
    this.render();
  }

  render() {
    draw(this.canvas, this.map, this.palette);
    this.renderTools();
  }

  renderTools() {
    if (!this.map) {
      this.tools.replaceChildren();
      return;
    }
    const { words } = this;
    const tool = (/** @type {string} */ name, /** @type {string} */ label) =>
      h(
        "button",
        {
          type: "button",
          class: "tool",
          title: label,
          "aria-label": label,
          "aria-pressed": String(this.tool === name),
          onclick: () => {
            this.tool = name;
            this.renderTools();
          },
        },
        icon(/** @type {any} */ (ICONS)[name]),
      );
    const step = (/** @type {string} */ label, /** @type {string} */ path, /** @type {boolean} */ enabled, /** @type {() => void} */ onclick) =>
      h("button", { type: "button", class: "tool", title: label, "aria-label": label, disabled: !enabled, onclick }, icon(path));
    const classes = h(
      "select",
      {
        "aria-label": words.paintWith,
        onchange: (/** @type {any} */ event) => (this.paint = { class: Number(event.target.value), instance: 0 }),
      },
      ...this.palette.paintable.map((spec) =>
        h("option", { value: spec.id, selected: spec.id === this.paint.class }, this.palette.label(spec.name, this.language)),
      ),
    );
    const size = h("input", {
      type: "range",
      min: 1,
      max: 16,
      value: this.size,
      "aria-label": words.size,
      title: words.size,
      oninput: (/** @type {any} */ event) => (this.size = Number(event.target.value)),
    });
    this.tools.replaceChildren(
      classes,
      tool("brush", words.brush),
      tool("fill", words.fill),
      tool("erase", words.erase),
      tool("pick", words.pick),
      size,
      step(words.undo, ICONS.undo, this.past.length > 0, () => this.travel(this.past, this.future)),
      step(words.redo, ICONS.redo, this.future.length > 0, () => this.travel(this.future, this.past)),
    );
  }

  /** @param {SegMap[]} from @param {SegMap[]} to */
  travel(from, to) {
    const map = from.pop();
    if (!map || !this.map) return;
    to.push(this.map);
    this.map = map;
    this.render();
    this.onChange(map);
  }

  /** @param {PointerEvent} event */
  at(event) {
    const frame = this.canvas.getBoundingClientRect();
    const { width, height } = /** @type {SegMap} */ (this.map);
    return [
      Math.floor(((event.clientX - frame.left) / frame.width) * width),
      Math.floor(((event.clientY - frame.top) / frame.height) * height),
    ];
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (!this.map) return;
    event.preventDefault();
    const start = this.at(event);
    if (this.tool === "pick") {
      const at = start[1] * this.map.width + start[0];
      this.paint = { class: this.map.classes[at], instance: this.map.instances[at] };
      this.tool = "brush";
      this.renderTools();
      return;
    }
    const before = this.map;
    this.map = { ...before, classes: before.classes.slice(), instances: before.instances.slice() };
    if (this.tool !== "erase" && this.paint.instance === 0) this.paint.instance = this.instance();
    if (this.tool === "fill") {
      this.flood(start);
      this.finish(before);
      return;
    }
    let last = start;
    this.stroke(last, start);
    draw(this.canvas, this.map, this.palette);
    const move = (/** @type {PointerEvent} */ moved) => {
      const next = this.at(moved);
      this.stroke(last, next);
      last = next;
      draw(this.canvas, this.map, this.palette);
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener(
      "lostpointercapture",
      () => {
        this.canvas.removeEventListener("pointermove", move);
        this.finish(before);
      },
      { once: true },
    );
  }

  /** The instance that paint of this class belongs to: a new one for things, none for regions. */
  instance() {
    const { instances } = /** @type {SegMap} */ (this.map);
    if (!this.palette.classes[this.paint.class]?.countable) return 0;
    const used = new Set(instances);
    let id = 1;
    while (used.has(id) && id < 255) id += 1;
    return id;
  }

  /** @param {SegMap} before */
  finish(before) {
    this.past = [...this.past.slice(1 - HISTORY), before];
    this.future = [];
    this.render();
    this.onChange(/** @type {SegMap} */ (this.map));
  }

  /** @param {number[]} from @param {number[]} to */
  stroke(from, to) {
    const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1);
    for (let i = 0; i <= steps; i += 1) {
      const share = i / steps;
      this.dab(from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share);
    }
  }

  /** @param {number} cx @param {number} cy */
  dab(cx, cy) {
    const { width, height } = /** @type {SegMap} */ (this.map);
    const r = this.size / 2;
    for (let y = Math.max(Math.ceil(cy - r), 0); y <= Math.min(cy + r, height - 1); y += 1) {
      for (let x = Math.max(Math.ceil(cx - r), 0); x <= Math.min(cx + r, width - 1); x += 1) {
        if ((x - cx) ** 2 + (y - cy) ** 2 <= r * r) this.put(y * width + x);
      }
    }
  }

  /** @param {number} at */
  put(at) {
    const map = /** @type {SegMap} */ (this.map);
    const original = /** @type {SegMap} */ (this.original);
    const erases = this.tool === "erase";
    map.classes[at] = erases ? original.classes[at] : this.paint.class;
    map.instances[at] = erases ? original.instances[at] : this.paint.instance;
  }

  /** @param {number[]} start */
  flood([x, y]) {
    const { width, height, classes, instances } = /** @type {SegMap} */ (this.map);
    const from = y * width + x;
    const is = [classes[from], instances[from]];
    const queue = [from];
    const seen = new Uint8Array(width * height);
    while (queue.length) {
      const at = /** @type {number} */ (queue.pop());
      if (seen[at] || classes[at] !== is[0] || instances[at] !== is[1]) continue;
      seen[at] = 1;
      this.put(at);
      if (at % width > 0) queue.push(at - 1);
      if (at % width < width - 1) queue.push(at + 1);
      if (at >= width) queue.push(at - width);
      if (at < width * (height - 1)) queue.push(at + width);
    }
  }
}

/**
 * @param {HTMLCanvasElement} canvas @param {SegMap | null} map @param {import("./palette.js").Palette} palette
 */
function draw(canvas, map, palette) {
  if (!map) {
    canvas.width = canvas.height = 1;
    return;
  }
  const { width, height, classes, instances } = map;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let at = 0; at < classes.length; at += 1) {
    const rgb = palette.classes[classes[at]]?.rgb ?? [0, 0, 0];
    // A dark line where one thing meets another.
    const right = at % width < width - 1 && instances[at + 1] !== instances[at];
    const below = at + width < classes.length && instances[at + width] !== instances[at];
    const shade = right || below ? 0.55 : 1;
    image.data.set([rgb[0] * shade, rgb[1] * shade, rgb[2] * shade, 255], 4 * at);
  }
  /** @type {any} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
}
