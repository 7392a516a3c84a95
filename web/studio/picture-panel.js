/** The picture, with a preview while it is drawn and a veil where a clause's pixels are shown. */

import { h } from "./dom.js";

/** @typedef {import("../protocol.d.ts").Image} Image */

export class PicturePanel {
  constructor() {
    this.canvas = h("canvas", { "data-testid": "picture", class: "stage", width: 1, height: 1, role: "img" });
    this.veil = h("canvas", { class: "veil", width: 1, height: 1, "aria-hidden": "true" });
    this.dialog = h("dialog", { class: "zoom", onclick: () => this.dialog.close() });
    this.frame = h(
      "button",
      { type: "button", class: "frame", onclick: () => this.zoom() },
      this.canvas,
      this.veil,
    );
    this.node = h("div", { class: "body" }, this.frame, this.dialog);
    this.hasPicture = false;
  }

  /** @param {Image | null} image @param {string} label what is to be seen, in words */
  show(image, label) {
    this.hasPicture = !!image;
    this.highlight(null);
    this.canvas.setAttribute("aria-label", label);
    this.frame.disabled = !image;
    if (!image) {
      this.canvas.width = this.canvas.height = 1;
      return;
    }
    const { width, height, rgba } = image;
    Object.assign(this.canvas, { width, height });
    const data = new ImageData(new Uint8ClampedArray(rgba), width, height);
    this.canvas.getContext("2d").putImageData(data, 0, 0);
  }

  /**
   * Darkens everything but some pixels of a map.
   * @param {{ width: number, height: number, is: (at: number) => boolean } | null} shown
   */
  highlight(shown) {
    if (!shown) {
      this.veil.width = this.veil.height = 1;
      return;
    }
    const { width, height, is } = shown;
    Object.assign(this.veil, { width, height });
    const image = new ImageData(width, height);
    for (let at = 0; at < width * height; at += 1) image.data[4 * at + 3] = is(at) ? 0 : 170;
    this.veil.getContext("2d").putImageData(image, 0, 0);
  }

  zoom() {
    const copy = h("img", { alt: this.canvas.getAttribute("aria-label"), src: this.canvas.toDataURL() });
    this.dialog.replaceChildren(copy);
    this.dialog.showModal();
  }
}
