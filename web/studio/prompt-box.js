/** The prompt: what is recognised is marked as one types. */

import { h } from "./dom.js";

/** @typedef {import("../protocol.d.ts").Reading} Reading */

export class PromptBox {
  /** @param {{ onInput: (prompt: string) => void, onSubmit: () => void }} on */
  constructor({ onInput, onSubmit }) {
    this.marks = h("div", { class: "marks", "aria-hidden": "true" });
    this.area = h("textarea", {
      "data-testid": "prompt",
      rows: 2,
      maxlength: 1000,
      spellcheck: "false",
      autocapitalize: "sentences",
      oninput: () => {
        this.plain();
        onInput(this.area.value);
      },
      onscroll: () => (this.marks.scrollTop = this.area.scrollTop),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          onSubmit();
        }
      },
    });
    this.notes = h("ul", { class: "notes", "aria-live": "polite" });
    this.node = h("div", { class: "prompt" }, h("div", { class: "field" }, this.marks, this.area), this.notes);
  }

  get value() {
    return this.area.value;
  }

  /** @param {string} prompt */
  set value(prompt) {
    this.area.value = prompt;
    this.plain();
  }

  /** Shows the text without marks, until it is read again. */
  plain() {
    this.marks.textContent = `${this.area.value} `;
    this.notes.replaceChildren();
  }

  /**
   * @param {Reading} reading of the text that stands there
   * @param {import("../words/index.js").Words} words
   * @param {(word: string, better: string) => void} replace
   */
  show(reading, words, replace) {
    const text = this.area.value;
    // The reading is of the text in Unicode's NFC; where typing gave another form, offsets differ.
    if (reading.prompt !== text) return;
    const kinds = new Array(text.length).fill("");
    const paint = (/** @type {[number, number] | undefined} */ span, /** @type {string} */ kind) =>
      span && kinds.fill(kind, span[0], span[1]);
    for (const clause of reading.clauses) paint(clause.span, "known");
    for (const part of reading.unparsed) paint(part.span, "unread");
    for (const word of reading.unknown) paint(word.span, "unknown");
    const pieces = [];
    for (let from = 0; from < text.length; ) {
      let to = from;
      while (to < text.length && kinds[to] === kinds[from]) to += 1;
      pieces.push(h("span", { class: kinds[from] }, text.slice(from, to)));
      from = to;
    }
    this.marks.replaceChildren(...pieces, " ");
    const unknown = reading.unknown.map(({ word, nearest }) => {
      const better = nearest.map((name) =>
        h("button", { type: "button", class: "link", onclick: () => replace(word, name) }, name),
      );
      const offer = better.length ? [` ${words.nearest} `, ...better.flatMap((b, i) => (i ? [", ", b] : [b])), "?"] : [];
      return h("li", {}, words.unknown(word), ...offer);
    });
    const unread = reading.unparsed.map(({ text }) => h("li", {}, words.unparsed(text)));
    const notes = reading.notes.map(({ text }) => h("li", {}, text));
    this.notes.replaceChildren(...unknown, ...unread, ...notes);
  }
}
