/** The verdict: each clause with what was found on the plan, on the map and in the picture. */

import { h, icon, ICONS } from "./dom.js";

/** @typedef {import("../protocol.d.ts").Verdict} Verdict */
/** @typedef {import("../protocol.d.ts").Clause} Clause */

/** @type {("plan" | "map" | "image")[]} */
const STAGES = ["plan", "map", "image"];

export class VerdictPanel {
  /** @param {{ onShow: (clause: Clause | null) => void }} on */
  constructor({ onShow }) {
    this.onShow = onShow;
    /** @type {number | null} */
    this.shown = null;
    this.node = h("div", { class: "verdict", "data-testid": "verdict" });
  }

  /**
   * @param {Verdict | null} verdict
   * @param {import("../words/index.js").Words} words
   * @param {{ isOld: boolean, canShow: boolean }} state
   */
  show(verdict, words, { isOld, canShow }) {
    if (!verdict || verdict.clauses.length + verdict.unknown.length + verdict.unparsed.length === 0) {
      this.node.replaceChildren(h("p", { class: "empty" }, words.verdictEmpty));
      return;
    }
    const asked = verdict.clauses.length + verdict.unknown.length + verdict.unparsed.length;
    const held = verdict.clauses.filter((clause) => clause.image?.held).length;
    const isJudged = verdict.clauses.some((clause) => clause.image);
    const headline = isJudged && !isOld
      ? h("p", { class: "score" }, h("strong", {}, `${Math.round((100 * held) / asked)} %`), words.score(held, asked))
      : h("p", { class: "score" }, isOld ? words.edited : "");
    const names = { plan: words.plan, map: words.map, image: words.picture };
    const head = h(
      "tr",
      {},
      h("th", { scope: "col" }, h("span", { class: "sr" }, words.verdict)),
      ...STAGES.map((stage) => h("th", { scope: "col" }, names[stage])),
    );
    const rows = verdict.clauses.map((clause) => this.row(clause, words, canShow));
    const rest = [
      ...verdict.unknown.map(({ word }) => words.unknown(word)),
      ...verdict.unparsed.map(({ text }) => words.unparsed(text)),
    ].map((text) => h("tr", { class: "rest" }, h("td", { colspan: 4 }, text)));
    this.node.replaceChildren(
      headline,
      h("table", {}, h("thead", {}, head), h("tbody", {}, ...rows, ...rest)),
    );
  }

  /** @param {Clause} clause @param {import("../words/index.js").Words} words @param {boolean} canShow */
  row(clause, words, canShow) {
    const data = Object.fromEntries(
      STAGES.map((stage) => [`data-held-${stage}`, clause[stage] ? String(clause[stage].held) : null]),
    );
    const text = canShow && clause.subject !== "scene"
      ? h(
          "button",
          {
            type: "button",
            class: "clause",
            title: words.showPixels,
            "aria-pressed": String(this.shown === clause.id),
            onclick: () => {
              this.shown = this.shown === clause.id ? null : clause.id;
              this.onShow(this.shown === null ? null : clause);
            },
          },
          clause.text,
        )
      : h("span", { class: "clause" }, clause.text);
    const cells = STAGES.map((stage) => h("td", {}, mark(clause[stage], words)));
    return h("tr", { ...data, "data-clause": clause.id, class: clause.parent ? "child" : "" }, h("th", { scope: "row" }, text), ...cells);
  }
}

/** @param {import("../protocol.d.ts").StageResult | undefined} result @param {import("../words/index.js").Words} words */
function mark(result, words) {
  if (!result) return h("span", { class: "mark none", title: words.notChecked }, h("span", { class: "sr" }, words.notChecked), "·");
  const word = `${result.held ? words.held : words.failed}, ${words.found(result.found)}`;
  return h(
    "span",
    { class: result.held ? "mark held" : "mark failed", title: word },
    icon(result.held ? ICONS.tick : ICONS.cross),
    h("span", { class: "sr" }, word),
  );
}
