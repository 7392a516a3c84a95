/** `<segue-studio>`: the prompt, three panels, the verdict. */

import { SegueClient } from "../client.js";
import { asSegueError, SegueError } from "../failure.js";
import { Remote } from "../remote.js";
import { EXAMPLES, WORDS } from "../words/index.js";
import { Compare } from "./compare.js";
import { h, icon, ICONS } from "./dom.js";
import { loadGallery, loadPixels, pictureUrl } from "./gallery.js";
import { MapPanel } from "./map-panel.js";
import { Palette } from "./palette.js";
import { PicturePanel } from "./picture-panel.js";
import { PlanPanel } from "./plan-panel.js";
import { PromptBox } from "./prompt-box.js";
import { fromHash, toHash } from "./share.js";
import { STYLE } from "./style.js";
import { VerdictPanel } from "./verdict-panel.js";

/** @typedef {import("../protocol.d.ts").Result} Result */

/** Milliseconds without typing after which a prompt is read. */
const PAUSE = 250;

const BASE = new URL("../", import.meta.url);

/** A moment in which the browser paints and hears its visitor. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

export class SegueStudio extends HTMLElement {
  static observedAttributes = ["prompt", "lang", "seed", "steps", "variant"];

  constructor() {
    super();
    /** The last result, as verdict.json; null before there is one. @type {import("../protocol.d.ts").Verdict | null} */
    this.result = null;
    this.client = new SegueClient({ base: BASE });
    /** @type {import("../protocol.d.ts").LoadInfo | null} */
    this.loaded = null;
    /** The server that draws where this browser cannot. @type {Remote | null} */
    this.remote = null;
    /** @type {Palette | null} */
    this.palette = null;
    /** What the panels show. @type {{ plan: any, map: any, image: any, judged: any, verdict: any, png?: Uint8Array, milliseconds?: any }} */
    this.shown = { plan: null, map: null, image: null, judged: null, verdict: null };
    /** What the visitor has changed since the picture was drawn. @type {{ plan: boolean, map: boolean }} */
    this.edited = { plan: false, map: false };
    this.busy = false;
    this.isBuilt = false;
    /** The language that the visitor chose here. @type {"en" | "vi" | undefined} */
    this.chosen = undefined;
    /** A plan that came with a link. @type {import("../protocol.d.ts").Plan | undefined} */
    this.sharedPlan = undefined;
    /** Whether the GPU was lost, so that the CPU takes over. */
    this.fallback = false;
    /** The gallery. @type {Awaited<ReturnType<typeof loadGallery>> | undefined} */
    this.pieces = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
    /** @type {Promise<void> | undefined} */
    this.code = undefined;
    this.prompt = new PromptBox({ onInput: () => this.typed(), onSubmit: () => this.draw() });
    this.planPanel = new PlanPanel({ onChange: (plan) => this.planChanged(plan) });
    this.mapPanel = new MapPanel({ onChange: (map) => this.mapChanged(map) });
    this.picturePanel = new PicturePanel();
    this.compare = new Compare({ base: BASE, onChange: () => this.compared() });
    /** The result that the picture belongs to. @type {Result | null} */
    this.drawn = null;
    this.verdictPanel = new VerdictPanel({ onShow: (clause) => this.highlight(clause) });
    this.seed = h("input", { class: "number", type: "number", min: 0, max: 4294967295, value: 0, "data-testid": "seed" });
    this.steps = h("input", {
      type: "range",
      min: 1,
      max: 8,
      value: 4,
      "data-testid": "steps",
      oninput: () => this.showSteps(),
    });
    this.stepsValue = h("output", {});
    this.go = h("button", { type: "button", class: "primary", "data-testid": "generate", onclick: () => this.draw() });
    this.stop = h("button", {
      type: "button",
      class: "secondary",
      "data-testid": "cancel",
      hidden: true,
      onclick: () => this.cancel(),
    });
    this.status = h("div", { class: "status" });
    this.live = h("p", { class: "sr", role: "status" });
    this.backend = h("span", { "data-testid": "backend" });
    this.frame = h("div", { class: "page" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    this.attachShadow({ mode: "open" }).append(style, this.frame);
  }

  get words() {
    return WORDS[this.language];
  }

  /** @returns {"en" | "vi"} */
  get language() {
    const own = this.getAttribute("lang") ?? document.documentElement.lang;
    return this.chosen ?? (own.startsWith("vi") ? "vi" : "en");
  }

  connectedCallback() {
    if (this.isBuilt) return;
    this.isBuilt = true;
    this.relabel();
    const attributes = {
      prompt: this.getAttribute("prompt") ?? undefined,
      seed: this.hasAttribute("seed") ? Number(this.getAttribute("seed")) : undefined,
      steps: this.hasAttribute("steps") ? Number(this.getAttribute("steps")) : undefined,
    };
    // Only the page that is Segue's own has its state in the URL.
    const linked = this.hasAttribute("no-hash") ? {} : fromHash(location.hash);
    this.restore({ ...attributes, ...linked });
    this.showGallery();
  }

  disconnectedCallback() {
    this.client.close();
    this.compare.close();
    this.loaded = null;
  }

  /** @param {string} name @param {string | null} _ @param {string | null} value */
  attributeChangedCallback(name, _, value) {
    if (!this.isBuilt) return;
    if (name === "prompt") this.restore({ prompt: value ?? "" });
    if (name === "seed") this.seed.value = value ?? "0";
    if (name === "steps") this.steps.value = value ?? "4";
    if (name === "lang" || name === "variant") this.relabel();
  }

  /** Lays everything out in the chosen language. */
  relabel() {
    const { words } = this;
    this.frame.setAttribute("lang", this.language);
    this.prompt.area.placeholder = words.promptHint;
    this.prompt.area.setAttribute("aria-label", words.promptLabel);
    this.stop.textContent = words.cancel;
    const language = (/** @type {"en" | "vi"} */ lang, /** @type {string} */ name) =>
      h(
        "button",
        {
          type: "button",
          lang,
          "aria-pressed": String(this.language === lang),
          onclick: () => {
            this.chosen = lang;
            this.relabel();
          },
        },
        name,
      );
    const chips = EXAMPLES[this.language].map((prompt) =>
      h("li", {}, h("button", { type: "button", class: "chip", title: prompt, onclick: () => this.restore({ prompt }) }, prompt)),
    );
    const reroll = h(
      "button",
      {
        type: "button",
        class: "tool",
        title: words.reroll,
        "aria-label": words.reroll,
        onclick: () => {
          this.seed.value = String(crypto.getRandomValues(new Uint32Array(1))[0]);
          this.edited = { plan: false, map: false };
        },
      },
      icon(ICONS.dice),
    );
    const button = (/** @type {string} */ label, /** @type {string} */ path, /** @type {() => void} */ onclick) =>
      h("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick }, icon(path));
    this.more = h(
      "div",
      { class: "more" },
      button(words.savePng, ICONS.download, () => this.save()),
      button(words.share, ICONS.link, () => this.share()),
      button(words.embed, ICONS.code, () => (this.snippet.hidden = !this.snippet.hidden)),
    );
    this.snippet = h("div", { hidden: true }, h("p", { class: "hint" }, words.embedHint), h("pre", {}, h("code", {})));
    const panel = (/** @type {string} */ title, /** @type {string} */ hint, /** @type {Node} */ body, /** @type {Node[]} */ ...rest) =>
      h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), body, h("p", { class: "hint" }, hint), ...rest);
    this.times = h("p", { class: "times" });
    this.gallery = h("section", { class: "gallery" });
    this.frame.replaceChildren(
      h(
        "header",
        {},
        h("h1", {}, "Segue"),
        h("p", {}, words.tagline),
        h("div", { class: "lang", role: "group", "aria-label": "Language" }, language("en", "English"), language("vi", "Tiếng Việt")),
      ),
      h(
        "section",
        { class: "ask", "aria-label": words.promptLabel },
        h("label", { class: "title" }, words.promptLabel),
        this.prompt.node,
        h("ul", { class: "chips", "aria-label": words.examples }, ...chips),
        h(
          "div",
          { class: "controls" },
          this.go,
          this.stop,
          h("span", { class: "pair" }, h("label", {}, words.seed, " ", this.seed), reroll),
          h("label", { class: "pair" }, words.steps, this.steps, this.stepsValue),
        ),
        this.status,
        this.live,
      ),
      h(
        "div",
        { class: "panels" },
        panel(words.plan, words.planHint, this.planPanel.node),
        panel(words.map, words.mapHint, this.mapPanel.node),
        panel(words.picture, words.pictureHint, this.picturePanel.node, this.more, this.compare.node, this.snippet),
      ),
      h("section", { class: "result", "aria-label": words.verdict }, h("h2", {}, words.verdict), this.verdictPanel.node, this.times),
      this.gallery,
    );
    const variant = this.getAttribute("variant");
    this.compare.offer(variant, words.compare(variant ?? ""));
    this.mapPanel.canvas.setAttribute("aria-label", words.map);
    this.showSteps();
    this.render();
    this.renderGallery();
    this.idle();
    if (this.loaded) this.readPrompt();
  }

  showSteps() {
    this.stepsValue.textContent = this.steps.value;
  }

  /** @param {Partial<import("./share.js").Shared>} state */
  restore({ prompt, seed, steps, lang, plan }) {
    if (lang && lang !== this.language) {
      this.chosen = lang;
      this.relabel();
    }
    if (seed !== undefined && Number.isInteger(seed)) this.seed.value = String(seed);
    if (steps !== undefined && steps >= 1 && steps <= 8) this.steps.value = String(steps);
    this.showSteps();
    if (prompt !== undefined) {
      this.prompt.value = prompt;
      this.edited = { plan: false, map: false };
      if (this.loaded) this.readPrompt();
    }
    if (plan) this.sharedPlan = plan;
  }

  /** The visitor typed: from now on the code is worth loading, the weights are not. */
  typed() {
    clearTimeout(this.pause);
    this.sharedPlan = undefined;
    this.edited = { plan: false, map: false };
    this.pause = setTimeout(() => this.readPrompt(), PAUSE);
  }

  async readPrompt() {
    const prompt = this.prompt.value;
    if (!prompt.trim()) return;
    try {
      const reading = await this.client.parse(prompt);
      if (prompt !== this.prompt.value) return;
      this.prompt.show(reading, this.words, (word, better) => {
        this.prompt.value = prompt.replace(word, better);
        this.readPrompt();
      });
    } catch (error) {
      // Without wasm a server may still draw; whether it does shows then.
      if (asSegueError(error).code !== "no-simd") this.failed(error);
    }
  }

  ensureCode() {
    this.code ??= this.client.code().then((palette) => {
      this.palette = new Palette(palette.classes);
    });
    this.code.catch(() => (this.code = undefined));
    return this.code;
  }

  /** Which weights, and where to compute. @returns {{ weights: string, backend: any }} */
  get source() {
    return {
      weights: new URL(this.getAttribute("weights") ?? new URL("weights/tiny/", BASE), location.href).href,
      backend: this.fallback ? "cpu" : (this.getAttribute("backend") ?? "auto"),
    };
  }

  async ensureWeights() {
    if (this.loaded) return;
    const started = performance.now();
    this.loaded = await this.client.load({
      ...this.source,
      onProgress: (progress) => this.loading(progress),
    });
    if (this.fallback) Object.assign(this.loaded, { reason: "device-lost" });
    this.emit("segue-load", { ...this.loaded, milliseconds: performance.now() - started });
  }

  /** Draws what the prompt, the plan or the map say: the last of them that the visitor changed. */
  async draw() {
    if (this.busy || !this.prompt.value.trim()) return;
    this.working(true);
    this.compare.clear();
    try {
      await this.prepare();
      const plan = this.edited.plan || this.edited.map ? this.shown.plan : this.sharedPlan;
      const request = {
        prompt: this.prompt.value,
        seed: this.seedValue,
        steps: Number(this.steps.value),
        plan,
        map: this.edited.map ? this.shown.map : undefined,
        onEvent: (/** @type {import("../protocol.d.ts").DrawEvent} */ event) => this.progress(event),
      };
      const result = await (this.remote && this.palette
        ? this.remote.draw(request, this.palette)
        : this.client.draw(request));
      this.shown = { ...result };
      this.edited = { plan: false, map: false };
      this.result = result.verdict;
      this.drawn = result;
      this.say(this.words.done);
      await this.reveal();
      this.emit("segue-result", result);
      await this.drawVariant();
      this.working(false);
    } catch (error) {
      this.working(false);
      this.failed(error);
    }
  }

  /** The visitor wants to see the variant's picture, or no longer. */
  async compared() {
    if (!this.compare.isWanted) return this.compare.clear();
    if (this.busy || !this.drawn) return;
    this.working(true);
    try {
      await this.drawVariant();
      this.working(false);
    } catch (error) {
      this.working(false);
      this.failed(error);
    }
  }

  /** Draws the same plan, map and noise with the variant, where it is wanted. */
  async drawVariant() {
    if (!this.compare.isWanted || !this.drawn || this.remote) return;
    const other = await this.compare.draw(this.drawn, {
      ...this.source,
      steps: Number(this.steps.value),
      onProgress: (progress) => this.loading(progress),
      onEvent: (event) => this.progress(event),
    });
    this.compare.show(other, this.words);
  }

  /** Code and weights; where this browser cannot run the code, the server that the page came from. */
  async prepare() {
    if (this.remote) return;
    try {
      await this.ensureCode();
      await this.ensureWeights();
    } catch (error) {
      const { code } = asSegueError(error);
      const server = new Remote(new URL(this.getAttribute("server") ?? BASE, location.href));
      if (code !== "no-simd" || !this.palette || !(await server.exists())) throw error;
      this.remote = server;
    }
  }

  cancel() {
    for (const drawing of [this.remote, this.client, this.compare.client]) drawing?.cancel();
  }

  get seedValue() {
    const seed = Math.floor(Number(this.seed.value));
    const held = Number.isFinite(seed) ? Math.min(Math.max(seed, 0), 4294967295) : 0;
    this.seed.value = String(held);
    return held;
  }

  /** @param {boolean} busy */
  working(busy) {
    this.busy = busy;
    this.go.hidden = busy;
    this.stop.hidden = !busy;
    if (!busy) this.idle();
  }

  /** The status line while nothing happens: where it computes, and how to forget the weights. */
  idle() {
    const { words } = this;
    this.go.textContent = this.shown.verdict && (this.loaded || this.remote) ? words.redraw : words.draw;
    if (this.remote) {
      this.backend.textContent = `${words.backend.server} (${words.reason["no-simd"]})`;
      this.status.replaceChildren(this.backend);
      return;
    }
    if (!this.loaded) {
      this.backend.textContent = words.downloadFirst(this.getAttribute("weights-size") ?? "14 MB");
      this.status.replaceChildren(this.backend);
      return;
    }
    const { backend, reason, detail, warnings } = this.loaded;
    const why = [words.reason[reason], detail].filter(Boolean).join(", ");
    this.backend.textContent = why ? `${words.backend[backend]} (${why})` : words.backend[backend];
    const forget = h("button", { type: "button", class: "link", onclick: () => this.forget() }, words.clear);
    const warned = warnings.map((warning) => h("span", {}, /** @type {any} */ (words.warnings)[warning] ?? warning));
    this.status.replaceChildren(this.backend, ...warned, forget);
  }

  async forget() {
    await this.client.clear();
    this.loaded = null;
    this.idle();
    this.say(this.words.cleared);
  }

  /** @param {import("../protocol.d.ts").LoadProgress} progress */
  loading({ stage, bytes, total }) {
    const { words } = this;
    const text = stage === "weights" && total
      ? words.loading.weights(megabytes(bytes ?? 0), megabytes(total))
      : String(words.loading[stage === "weights" ? "code" : stage]);
    this.status.replaceChildren(text, h("progress", total ? { value: bytes, max: total, "aria-label": text } : { "aria-label": text }));
    this.emit("segue-progress", { stage, bytes, total });
  }

  /** @param {import("../protocol.d.ts").DrawEvent} event */
  progress({ stage, step, steps, preview }) {
    const { words } = this;
    const text = step && steps ? `${words.stages[stage]}, ${words.step(step, steps)}` : words.stages[stage];
    this.status.replaceChildren(text, h("progress", step ? { value: step, max: steps, "aria-label": text } : { "aria-label": text }));
    this.say(words.stages[stage]);
    if (preview) this.picturePanel.show(preview, text);
    this.emit("segue-progress", { stage, step, steps });
  }

  /** @param {unknown} cause */
  failed(cause) {
    let error = asSegueError(cause);
    const isGone = !this.client.worker;
    // A lost GPU may bring the whole worker down.
    if (isGone && this.loaded?.backend === "webgpu") error = new SegueError("device-lost", error.message);
    if (error.code === "device-lost") this.fallback = true;
    if (isGone || error.code === "device-lost") this.loaded = null;
    const text = this.words.errors[error.code] ?? this.words.errors.internal;
    const detail = ["cancelled", "offline"].includes(error.code) ? "" : ` ${error.message}`;
    this.status.replaceChildren(h("span", { class: error.code === "cancelled" ? "" : "bad", role: "alert", "data-code": error.code }, text), detail);
    this.render();
    this.emit("segue-error", { code: error.code, message: error.message });
  }

  /** @param {any} plan */
  async planChanged(plan) {
    this.edited = { plan: true, map: false };
    this.shown.plan = plan;
    await this.recheck({ plan });
    // A map of the new plan shows at once what a new picture would be of.
    if (!this.loaded || this.busy) return;
    try {
      const { map, verdict } = await this.client.map({ prompt: this.prompt.value, plan });
      if (this.shown.plan !== plan) return;
      this.shown = { ...this.shown, map, verdict };
      // The plan stays as it is: it may be dragged again by now.
      this.mapPanel.show(map, /** @type {Palette} */ (this.palette), this.words, this.language);
      this.renderVerdict();
    } catch (error) {
      this.failed(error);
    }
  }

  /** @param {any} map */
  async mapChanged(map) {
    this.edited.map = true;
    this.shown.map = map;
    await this.recheck({ plan: this.shown.plan, map });
  }

  /** @param {{ plan: any, map?: any }} of */
  async recheck(of) {
    // Without wasm only a new picture brings a new verdict.
    if (this.remote) return this.renderVerdict();
    try {
      await this.ensureCode();
      this.shown.verdict = await this.client.check({ prompt: this.prompt.value, ...of });
      this.renderVerdict();
    } catch (error) {
      this.failed(error);
    }
  }

  /** What shows everything, panel by panel, the picture first. @returns {(() => void)[]} */
  get panels() {
    const { plan, map, image } = this.shown;
    const palette = /** @type {Palette} */ (this.palette);
    return [
      () => {
        this.more.hidden = !image;
        this.picturePanel.show(image, `${this.words.picture}: ${this.prompt.value}`);
        this.snippet.querySelector("code").textContent = this.embedCode();
      },
      () => palette && this.planPanel.show(plan, palette, this.words, this.language),
      () => palette && this.mapPanel.show(map, palette, this.words, this.language),
      () => this.renderVerdict(),
    ];
  }

  render() {
    for (const show of this.panels) show();
  }

  /** As render, with a moment between the panels in which the visitor's own events come in. */
  async reveal() {
    const { panels } = this;
    const { plan, map, image } = this.shown;
    for (const show of panels) {
      // What came in may have been newer.
      if (this.shown.plan !== plan || this.shown.map !== map || this.shown.image !== image) return;
      show();
      await breath();
    }
  }

  renderVerdict() {
    const { verdict, judged, map, milliseconds } = this.shown;
    const isOld = this.edited.plan || this.edited.map;
    this.verdictPanel.shown = null;
    this.verdictPanel.show(verdict, this.words, { isOld, canShow: !!(judged ?? map) });
    const names = { parse: "", plan: this.words.plan, map: this.words.map, picture: this.words.picture, verdict: this.words.verdict };
    const stages = Object.entries(milliseconds ?? {}).filter(([stage]) => stage !== "parse");
    this.times.textContent = stages.length
      ? `${this.words.times}: ${stages.map(([stage, ms]) => `${/** @type {any} */ (names)[stage]} ${Math.round(Number(ms))} ms`).join(" · ")}`
      : "";
  }

  /** Shows the pixels that a clause speaks of, as the judge sees them, else on the map. @param {any} clause */
  highlight(clause) {
    const seen = this.edited.plan || this.edited.map ? this.shown.map : (this.shown.judged ?? this.shown.map);
    if (!clause || !seen || !this.palette) {
      this.picturePanel.highlight(null);
    } else {
      const names = [clause.subject, clause.object, clause.object2].filter(Boolean);
      const ids = new Set(names.map((name) => this.palette?.byName.get(name)?.id));
      this.picturePanel.highlight({ width: seen.width, height: seen.height, is: (at) => ids.has(seen.classes[at]) });
    }
    this.verdictPanel.show(this.shown.verdict, this.words, {
      isOld: this.edited.plan || this.edited.map,
      canShow: true,
    });
  }

  save() {
    const { png } = this.shown;
    const href = png
      ? URL.createObjectURL(new Blob([/** @type {any} */ (png)], { type: "image/png" }))
      : this.picturePanel.canvas.toDataURL("image/png");
    const link = h("a", { href, download: `segue-${this.seedValue}.png` });
    link.click();
    if (png) setTimeout(() => URL.revokeObjectURL(href), 1000);
  }

  async share() {
    const state = {
      prompt: this.prompt.value,
      seed: this.seedValue,
      steps: Number(this.steps.value),
      lang: this.language,
      plan: this.edited.plan || this.sharedPlan ? this.shown.plan : undefined,
    };
    const url = new URL(location.href);
    url.hash = toHash(state);
    history.replaceState(null, "", url);
    try {
      await navigator.clipboard.writeText(url.href);
      this.say(this.words.copied);
      this.status.replaceChildren(this.words.copied);
    } catch {
      // Without the clipboard the link stands in the address bar.
    }
  }

  embedCode() {
    const prompt = this.prompt.value.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    const source = new URL("segue.js", BASE).href;
    return `<script type="module" src="${source}"></script>\n<segue-studio prompt="${prompt}" lang="${this.language}"></segue-studio>`;
  }

  async showGallery() {
    try {
      this.pieces = await loadGallery(BASE);
      this.palette ??= this.pieces.palette;
      this.renderGallery();
      const first = this.pieces.entries[0];
      if (first && !this.shown.plan && !this.prompt.value) await this.exhibit(first, false);
    } catch {
      // The gallery is an ornament: without it everything works.
    }
  }

  renderGallery() {
    const entries = this.pieces?.entries ?? [];
    const items = entries.map((entry) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", onclick: () => this.exhibit(entry) },
          h("img", { src: pictureUrl(BASE, entry), alt: "", loading: "lazy", width: 128, height: 128 }),
          h("span", { class: "words", lang: entry.lang }, entry.prompt),
          entry.noNetwork && h("span", { class: "badge" }, this.words.noNetwork),
        ),
      ),
    );
    this.gallery.hidden = items.length === 0;
    this.gallery.replaceChildren(h("h2", {}, this.words.gallery), h("ul", {}, ...items));
  }

  /**
   * Shows a result of the gallery.
   * @param {import("./gallery.js").Entry} entry
   * @param {boolean} isAsked whether the visitor wants it; if not, it does not replace what they do
   */
  async exhibit(entry, isAsked = true) {
    if (this.busy || !this.pieces) return;
    const { map, image } = await loadPixels(BASE, entry, this.pieces.palette);
    const isTyping = this.shadowRoot?.activeElement === this.prompt.area;
    if (this.busy || (!isAsked && (isTyping || this.prompt.value))) return;
    this.prompt.value = entry.prompt;
    this.seed.value = String(entry.seed);
    this.shown = { plan: entry.plan, map, image, judged: null, verdict: entry.verdict };
    this.edited = { plan: false, map: false };
    this.drawn = null;
    this.compare.clear();
    this.render();
    this.idle();
  }

  /** @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  /** @param {string} name @param {any} detail */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
