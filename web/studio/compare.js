/** What a variant of the weights draws of the same plan, map and noise, beside the picture. */

import { SegueClient } from "../client.js";
import { h } from "./dom.js";
import { PicturePanel } from "./picture-panel.js";

export class Compare {
  /** @param {{ base: URL, onChange: () => void }} options `onChange`: the visitor wants it, or no longer */
  constructor({ base, onChange }) {
    // A worker of its own: two sets of weights, and the first goes on working if this one fails.
    this.client = new SegueClient({ base });
    this.isLoaded = false;
    this.panel = new PicturePanel();
    this.panel.canvas.dataset.testid = "picture-variant";
    this.box = h("input", { type: "checkbox", "data-testid": "compare", onchange: onChange });
    this.label = h("span", {});
    this.score = h("p", { class: "hint" });
    this.side = h("div", { class: "body", hidden: true }, this.panel.node, this.score);
    this.node = h("div", { class: "compare", hidden: true }, h("label", { class: "pair" }, this.box, this.label), this.side);
  }

  /** @param {string | null} variant @param {string} label */
  offer(variant, label) {
    this.variant = variant;
    this.node.hidden = !variant;
    this.label.textContent = label;
  }

  get isWanted() {
    return !!this.variant && this.box.checked;
  }

  /** What is shown no longer belongs to the picture. */
  clear() {
    this.side.hidden = true;
  }

  /**
   * Draws what was drawn, with the other weights.
   * @param {import("../protocol.d.ts").Result} result
   * @param {{ weights: string, backend: any, steps: number,
   *   onProgress: (progress: import("../protocol.d.ts").LoadProgress) => void,
   *   onEvent: (event: import("../protocol.d.ts").DrawEvent) => void }} options
   */
  async draw({ verdict, plan, map }, { weights, backend, steps, onProgress, onEvent }) {
    if (!this.isLoaded) {
      await this.client.load({ weights, backend, variant: this.variant ?? undefined, onProgress });
      this.isLoaded = true;
    }
    const { prompt, seed } = verdict;
    const other = await this.client.draw({ prompt, seed, steps, plan, map, previews: false, onEvent });
    this.side.hidden = false;
    return other;
  }

  /**
   * @param {import("../protocol.d.ts").Result} other
   * @param {import("../words/index.js").Words} words
   */
  show({ image, verdict }, words) {
    const asked = verdict.clauses.length + verdict.unknown.length + verdict.unparsed.length;
    const held = verdict.clauses.filter((clause) => clause.image?.held).length;
    this.panel.show(image, `${this.label.textContent}: ${verdict.prompt}`);
    this.score.textContent = words.score(held, asked);
  }

  close() {
    this.client.close();
    this.isLoaded = false;
  }
}
