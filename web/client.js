/** The page's side of the worker. */

import { SegueError } from "./failure.js";

/** Offsets in UTF-8 to offsets in UTF-16. @param {string} text */
function offsets(text) {
  const at = [];
  let unit = 0;
  for (const letter of text) {
    const point = /** @type {number} */ (letter.codePointAt(0));
    const bytes = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (let i = 0; i < bytes; i += 1) at.push(unit);
    unit += letter.length;
  }
  at.push(unit);
  return at;
}

/** @param {any} reading spans in UTF-8 become spans in UTF-16, in place */
function inUtf16(reading) {
  const at = offsets(reading.prompt);
  for (const list of [reading.clauses, reading.unknown, reading.unparsed]) {
    for (const item of list) item.span = item.span?.map((/** @type {number} */ i) => at[i]);
  }
  return reading;
}

/** Segue in a worker of its own. Nothing is started or fetched before it is asked for. */
export class SegueClient {
  /** @param {{ base?: string | URL }} [options] where worker.js lies; beside this file by default */
  constructor({ base = import.meta.url } = {}) {
    this.base = new URL("./", base);
    /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void, tell?: (event: any) => void }>} */
    this.waiting = new Map();
    this.number = 0;
    /** @type {number | undefined} The draw under way. */
    this.drawing = undefined;
  }

  /** @returns {Worker} */
  start() {
    if (this.worker) return this.worker;
    // A worker must be of the page's own origin; a blob is, and may import a module of another.
    const source = `import ${JSON.stringify(new URL("worker.js", this.base).href)};`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module", name: "segue" });
    worker.addEventListener("message", ({ data }) => {
      const waiting = this.waiting.get(data.id);
      if (data.event) {
        waiting?.tell?.(data.event);
        return;
      }
      this.waiting.delete(data.id);
      if (data.error) waiting?.reject(new SegueError(data.error.code, data.error.message));
      else waiting?.resolve(data.value);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.fail(new SegueError("internal", event.message || "the worker cannot be started"));
    });
    this.worker = worker;
    return worker;
  }

  /** Everything that waits fails, and the next request begins with a new worker. @param {SegueError} error */
  fail(error) {
    this.worker?.terminate();
    this.worker = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /**
   * @param {string} op
   * @param {object} args
   * @param {(event: any) => void} [tell]
   * @returns {Promise<any>}
   */
  ask(op, args, tell) {
    const id = (this.number += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, tell });
      this.start().postMessage({ id, op, args });
    });
  }

  /** The code alone, with the classes that it knows. @returns {Promise<{ classes: import("./protocol.d.ts").PaletteClass[] }>} */
  code() {
    return this.ask("code", {});
  }

  /** @param {import("./protocol.d.ts").LoadRequest} request @returns {Promise<import("./protocol.d.ts").LoadInfo>} */
  load({ weights, backend = "auto", variant, onProgress }) {
    const args = { weights: new URL(weights, location.href).href, backend, variant };
    return this.ask("load", args, onProgress);
  }

  /** @param {string} prompt @returns {Promise<import("./protocol.d.ts").Reading>} */
  async parse(prompt) {
    return inUtf16(await this.ask("parse", { prompt }));
  }

  /**
   * @param {{ prompt: string, seed: number, plans?: number }} request
   * @returns {Promise<{ plan: import("./protocol.d.ts").Plan, verdict: import("./protocol.d.ts").Verdict }>}
   */
  async plan({ prompt, seed, plans = 8 }) {
    return this.ask("plan", { prompt, seed, plans });
  }

  /**
   * @param {{ prompt: string, plan: import("./protocol.d.ts").Plan }} request
   * @returns {Promise<{ map: import("./protocol.d.ts").SegMap, verdict: import("./protocol.d.ts").Verdict }>}
   */
  async map({ prompt, plan }) {
    return this.ask("map", { prompt, plan });
  }

  /**
   * What holds on a plan, and on a map, without a picture; needs no weights.
   * @param {{ prompt: string, plan: import("./protocol.d.ts").Plan, map?: import("./protocol.d.ts").SegMap }} request
   * @returns {Promise<import("./protocol.d.ts").Verdict>}
   */
  async check({ prompt, plan, map }) {
    return this.ask("check", { prompt, plan, map });
  }

  /** @param {import("./protocol.d.ts").DrawRequest} request @returns {Promise<import("./protocol.d.ts").Result>} */
  async draw({ prompt, seed, steps = 4, plans = 8, guidance = 2, repairs = 0, previews = true, plan, map, onEvent }) {
    const args = { prompt, seed, steps, plans, guidance, repairs, previews, plan, map };
    const promise = this.ask("draw", args, onEvent);
    this.drawing = this.number;
    try {
      return await promise;
    } finally {
      this.drawing = undefined;
    }
  }

  /** The draw under way fails with the code `cancelled`, at its next step. */
  cancel() {
    if (this.drawing !== undefined) this.worker?.postMessage({ cancel: this.drawing });
  }

  /** Bytes that the code's memory has grown to. @returns {Promise<number>} */
  memory() {
    return this.ask("memory", {});
  }

  /** Forgets the weights that the browser keeps. */
  async clear() {
    await this.ask("clear", {});
  }

  /** Ends the worker. */
  close() {
    this.fail(new SegueError("cancelled", "closed"));
  }
}
