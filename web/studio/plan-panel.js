/** The plan: boxes that can be moved, sized, added, deleted, recoloured and put nearer or farther. */

import { WORDS } from "../words/index.js";
import { h, icon, ICONS, svg } from "./dom.js";
import { Palette, SWATCHES } from "./palette.js";

/** @typedef {import("../protocol.d.ts").Plan} Plan */
/** @typedef {import("../protocol.d.ts").PlanObject} PlanObject */

const SIDE = 100;
const STEP = 0.02;
const LEAST = 0.03;

export class PlanPanel {
  /** @param {{ onChange: (plan: Plan) => void }} on called after every change, with a new plan */
  constructor({ onChange }) {
    this.onChange = onChange;
    /** @type {import("./palette.js").Palette} */
    this.palette = new Palette([]);
    /** @type {import("../words/index.js").Words} */
    this.words = WORDS.en;
    /** @type {"en" | "vi"} */
    this.language = "en";
    /** @type {Plan | null} */
    this.plan = null;
    /** @type {number | null} */
    this.selected = null;
    this.canvas = svg("svg", {
      "data-testid": "plan",
      viewBox: `0 0 ${SIDE} ${SIDE}`,
      class: "stage",
      role: "group",
    });
    this.tools = h("div", { class: "tools" });
    this.node = h("div", { class: "body" }, this.canvas, this.tools);
    this.canvas.addEventListener("pointerdown", (/** @type {PointerEvent} */ e) => this.down(e));
    this.canvas.addEventListener("keydown", (/** @type {KeyboardEvent} */ e) => this.key(e));
  }

  /**
   * @param {Plan | null} plan
   * @param {import("./palette.js").Palette} palette
   * @param {import("../words/index.js").Words} words
   * @param {"en" | "vi"} language
   */
  show(plan, palette, words, language) {
    Object.assign(this, { plan, palette, words, language });
    if (!plan?.objects.some((object) => object.id === this.selected)) this.selected = null;
    this.render();
  }

  render() {
    const focused = /** @type {any} */ (this.canvas.getRootNode()).activeElement?.dataset?.id;
    const objects = this.plan?.objects ?? [];
    this.canvas.setAttribute("aria-label", this.words?.plan ?? "");
    this.canvas.replaceChildren(...objects.map((object) => this.box(object)));
    const selected = objects.find((object) => object.id === this.selected);
    if (selected) this.canvas.append(...this.handles(selected));
    this.renderTools(selected);
    if (focused) this.canvas.querySelector(`[data-id="${focused}"]`)?.focus();
  }

  /** @param {PlanObject} object */
  box(object) {
    const [x0, y0, x1, y1] = object.box.map((edge) => edge * SIDE);
    const label = this.palette.label(object.class, this.language);
    const said = [object.attributes.colour, object.attributes.size, object.attributes.state];
    const name = [...said.filter(Boolean), label].join(" ");
    const attributes = {
      class: object.id === this.selected ? "box selected" : "box",
      "data-id": object.id,
      tabindex: 0,
      role: "button",
      "aria-label": name,
      "aria-pressed": object.id === this.selected,
    };
    const rect = svg("rect", {
      x: x0,
      y: y0,
      width: Math.max(x1 - x0, 0.5),
      height: Math.max(y1 - y0, 0.5),
      rx: 1,
      fill: this.palette.css(object.class),
    });
    const group = svg("g", attributes, svg("title"), rect);
    group.firstChild.textContent = name;
    if (x1 - x0 > label.length * 1.9 + 2 && y1 - y0 > 6) {
      const text = svg("text", { x: x0 + 1.5, y: y0 + 4.5 });
      text.textContent = label;
      group.append(text);
    }
    if (object.attributes.colour) {
      const fill = SWATCHES[object.attributes.colour];
      group.append(svg("circle", { cx: x1 - 2.5, cy: y0 + 2.5, r: 1.4, fill, class: "swatch" }));
    }
    return group;
  }

  /** @param {PlanObject} object */
  handles(object) {
    const [x0, y0, x1, y1] = object.box.map((edge) => edge * SIDE);
    const corners = { nw: [x0, y0], ne: [x1, y0], sw: [x0, y1], se: [x1, y1] };
    return Object.entries(corners).map(([corner, [cx, cy]]) =>
      svg("circle", { cx, cy, r: 2.2, class: "handle", "data-corner": corner }),
    );
  }

  /** @param {PlanObject | undefined} selected */
  renderTools(selected) {
    if (!this.plan) {
      this.tools.replaceChildren();
      return;
    }
    const { words, palette, language } = this;
    const spec = selected && palette.byName.get(selected.class);
    const button = (/** @type {string} */ label, /** @type {string} */ path, /** @type {() => void} */ onclick, enabled = true) =>
      h("button", { type: "button", class: "tool", title: label, "aria-label": label, disabled: !enabled, onclick }, icon(path));
    const options = palette.paintable
      .filter((option) => option.part_of == null)
      .map((option) => h("option", { value: option.name }, palette.label(option.name, language)));
    const adding = h(
      "select",
      {
        "aria-label": words.add,
        onchange: (/** @type {any} */ event) => this.add(event.target.value),
      },
      h("option", { value: "" }, `+ ${words.add}`),
      ...options,
    );
    const colours = spec?.colours ?? [];
    const colour = h(
      "select",
      {
        "aria-label": words.colour,
        disabled: colours.length === 0,
        onchange: (/** @type {any} */ event) => {
          const value = event.target.value || undefined;
          this.change((object) => ({ ...object, attributes: { ...object.attributes, colour: value } }));
        },
      },
      h("option", { value: "" }, words.colour),
      ...colours.map((name) => h("option", { value: name, selected: selected?.attributes.colour === name }, name)),
    );
    this.tools.replaceChildren(
      adding,
      colour,
      button(words.nearer, ICONS.nearer, () => this.reorder(1), !!selected),
      button(words.farther, ICONS.farther, () => this.reorder(-1), !!selected),
      button(words.remove, ICONS.remove, () => this.remove(), !!selected),
    );
  }

  /** @param {PointerEvent} event */
  at(event) {
    const frame = this.canvas.getBoundingClientRect();
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  }

  /** @param {PointerEvent} event */
  down(event) {
    const target = /** @type {Element} */ (event.target);
    const corner = target.getAttribute("data-corner");
    const id = Number(target.closest("[data-id]")?.getAttribute("data-id"));
    if (!corner) {
      this.selected = id || null;
      this.render();
      if (id) this.canvas.querySelector(`[data-id="${id}"]`)?.focus();
    }
    const object = this.plan?.objects.find((object) => object.id === this.selected);
    if (!object) return;
    event.preventDefault();
    const start = this.at(event);
    const before = this.plan;
    const move = (/** @type {PointerEvent} */ moved) => {
      const [x, y] = this.at(moved);
      const [dx, dy] = [x - start[0], y - start[1]];
      this.plan = placed(/** @type {Plan} */ (before), object, corner ? sized(object.box, corner, dx, dy) : shifted(object.box, dx, dy));
      this.render();
    };
    const up = () => {
      this.canvas.removeEventListener("pointermove", move);
      if (this.plan !== before) this.onChange(/** @type {Plan} */ (this.plan));
    };
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.addEventListener("pointermove", move);
    this.canvas.addEventListener("lostpointercapture", up, { once: true });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const id = Number(/** @type {Element} */ (event.target).getAttribute("data-id"));
    if (!id) return;
    this.selected = id;
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) {
      event.preventDefault();
      const [dx, dy] = move;
      this.change((object) => ({
        ...object,
        box: event.shiftKey ? sized(object.box, "se", dx, dy) : shifted(object.box, dx, dy),
      }));
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove();
    } else if (event.key === "PageUp" || event.key === "PageDown") {
      event.preventDefault();
      this.reorder(event.key === "PageUp" ? 1 : -1);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.render();
    }
  }

  /** @param {(object: PlanObject) => PlanObject} how changes the selected object */
  change(how) {
    const object = this.plan?.objects.find((object) => object.id === this.selected);
    if (!object || !this.plan) return;
    const changed = how(object);
    const plan = placed(this.plan, object, changed.box);
    this.commit({ ...plan, objects: plan.objects.map((o) => (o.id === object.id ? changed : o)) });
  }

  remove() {
    if (!this.plan) return;
    const own = (/** @type {PlanObject} */ o) => o.id === this.selected || o.part_of === this.selected;
    this.commit({ ...this.plan, objects: this.plan.objects.filter((o) => !own(o)) });
  }

  /** @param {number} by 1 nearer, -1 farther */
  reorder(by) {
    if (!this.plan) return;
    const own = (/** @type {PlanObject} */ o) => o.id === this.selected || o.part_of === this.selected;
    const family = this.plan.objects.filter(own);
    const others = this.plan.objects.filter((o) => !own(o));
    const wholes = others.filter((o) => o.part_of == null);
    const first = this.plan.objects.findIndex(own);
    const before = wholes.filter((o) => /** @type {Plan} */ (this.plan).objects.indexOf(o) < first).length;
    const place = Math.min(Math.max(before + by, 0), wholes.length);
    if (place === before || family.length === 0) return;
    const passed = wholes[by > 0 ? before : before - 1];
    const depth = Math.min(Math.max(passed.depth - by * 0.01, 0), 1);
    const at = place < wholes.length ? others.indexOf(wholes[place]) : others.length;
    const moved = family.map((o) => ({ ...o, depth }));
    this.commit({ ...this.plan, objects: [...others.slice(0, at), ...moved, ...others.slice(at)] });
  }

  /** @param {string} name */
  add(name) {
    const spec = this.palette.byName.get(name);
    if (!spec || !this.plan || this.plan.objects.length >= 32) return;
    const ids = new Set(this.plan.objects.map((object) => object.id));
    let id = 1;
    while (ids.has(id)) id += 1;
    const isRegion = spec.kind === "stuff" && !spec.countable;
    /** @type {PlanObject} */
    const object = {
      id,
      class: name,
      box: isRegion ? [0, 0.6, 1, 1] : [0.4, 0.55, 0.6, 0.8],
      attributes: {},
      depth: isRegion ? 1 : 0.2,
      shape_seed: id,
    };
    this.selected = id;
    const regions = this.plan.objects.findLastIndex((o) => o.box[2] - o.box[0] > 0.98) + 1;
    const at = isRegion ? regions : this.plan.objects.length;
    this.commit({ ...this.plan, objects: this.plan.objects.toSpliced(at, 0, object) });
  }

  /** @param {Plan} plan */
  commit(plan) {
    this.plan = plan;
    if (!plan.objects.some((object) => object.id === this.selected)) this.selected = null;
    this.render();
    this.onChange(plan);
  }
}

/** @param {number[]} box @param {number} dx @param {number} dy @returns {[number, number, number, number]} */
function shifted([x0, y0, x1, y1], dx, dy) {
  const sx = Math.min(Math.max(dx, -x0), 1 - x1);
  const sy = Math.min(Math.max(dy, -y0), 1 - y1);
  return [x0 + sx, y0 + sy, x1 + sx, y1 + sy];
}

/**
 * @param {number[]} box @param {string} corner @param {number} dx @param {number} dy
 * @returns {[number, number, number, number]}
 */
function sized([x0, y0, x1, y1], corner, dx, dy) {
  const clamp = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) => Math.min(Math.max(v, low), high);
  return [
    corner.includes("w") ? clamp(x0 + dx, 0, x1 - LEAST) : x0,
    corner.includes("n") ? clamp(y0 + dy, 0, y1 - LEAST) : y0,
    corner.includes("e") ? clamp(x1 + dx, x0 + LEAST, 1) : x1,
    corner.includes("s") ? clamp(y1 + dy, y0 + LEAST, 1) : y1,
  ];
}

/**
 * A plan with an object in another box; its parts go and grow with it.
 * @param {Plan} plan @param {PlanObject} object @param {[number, number, number, number]} box
 * @returns {Plan}
 */
function placed(plan, object, box) {
  const [x0, y0, x1, y1] = object.box;
  const kx = (box[2] - box[0]) / Math.max(x1 - x0, 1e-6);
  const ky = (box[3] - box[1]) / Math.max(y1 - y0, 1e-6);
  const within = (/** @type {number[]} */ b) =>
    /** @type {[number, number, number, number]} */ ([
      box[0] + (b[0] - x0) * kx,
      box[1] + (b[1] - y0) * ky,
      box[0] + (b[2] - x0) * kx,
      box[1] + (b[3] - y0) * ky,
    ].map((edge) => Math.min(Math.max(edge, 0), 1)));
  const moved = plan.objects.map((o) => {
    if (o.id === object.id) return { ...o, box };
    return o.part_of === object.id ? { ...o, box: within(o.box) } : o;
  });
  return { ...plan, objects: moved };
}
