/**
 * Times what a visitor waits for, on the GPU and on the CPU. With `?ort=MODULE&onnx=FOLDER` the same
 * denoiser and decoder are timed in ONNX Runtime Web too, in turns with Segue's.
 */

import { SegueClient } from "./client.js";
import { asSegueError } from "./failure.js";

/** @typedef {Record<string, number | string>} Row milliseconds, medians */

const PROMPT = "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud";
const STEPS = 4;
const BASE = new URL("./", import.meta.url);
const query = new URLSearchParams(location.search);
const rounds = Number(query.get("rounds") ?? 5);

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** @param {() => Promise<any>} work @returns {Promise<number>} milliseconds */
async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Segue's networks on one backend. */
class OfSegue {
  /** @param {"webgpu" | "cpu"} backend */
  constructor(backend) {
    this.name = `Segue, ${backend}`;
    this.backend = backend;
    this.client = new SegueClient({ base: BASE });
    /** @type {Record<string, number[]>} */
    this.times = {};
  }

  async load() {
    const weights = new URL(query.get("weights") ?? "weights/tiny/", BASE).href;
    const info = await this.client.load({ weights, backend: this.backend });
    if (info.backend !== this.backend) throw new Error(info.reason);
    this.keep("load", 1e3 * info.seconds);
    await this.draw(1);
  }

  /** @param {string} what @param {number} milliseconds */
  keep(what, milliseconds) {
    (this.times[what] ??= []).push(milliseconds);
  }

  /** @param {number} steps */
  draw(steps) {
    return this.client.draw({ prompt: PROMPT, seed: 1, steps, previews: false });
  }

  /** A whole drawing, and one with more steps: the difference is the denoiser's alone. */
  async round() {
    const start = performance.now();
    const { milliseconds } = await this.draw(STEPS);
    this.keep("prompt to verdict", performance.now() - start);
    for (const [stage, ms] of Object.entries(milliseconds)) this.keep(stage, ms);
    const { milliseconds: longer } = await this.draw(3 * STEPS);
    const denoiser = (longer.picture - milliseconds.picture) / (2 * STEPS);
    this.keep("denoiser", denoiser);
    this.keep("decoder", milliseconds.picture - STEPS * denoiser);
  }

  /** @returns {Promise<Row>} */
  async row() {
    const row = Object.fromEntries(Object.entries(this.times).map(([what, all]) => [what, median(all)]));
    return { name: this.name, ...row, "wasm MB": (await this.client.memory()) / 1e6 };
  }
}

/** The same networks in ONNX Runtime Web. */
class OfOnnxRuntime {
  /** @param {"webgpu" | "wasm"} provider @param {any} ort */
  constructor(provider, ort) {
    this.name = `ONNX Runtime Web, ${provider === "wasm" ? "cpu" : provider}`;
    this.provider = provider;
    this.ort = ort;
    /** @type {Record<string, number[]>} */
    this.times = { denoiser: [], decoder: [] };
    /** @type {Record<string, { session: any, feeds: any }>} */
    this.networks = {};
  }

  async load() {
    for (const name of ["denoiser", "decoder"]) {
      const file = new URL(`${name}.onnx`, new URL(String(query.get("onnx")), location.href)).href;
      const session = await this.ort.InferenceSession.create(file, { executionProviders: [this.provider] });
      const feeds = Object.fromEntries(session.inputMetadata.map((/** @type {any} */ input) => [input.name, this.tensor(input)]));
      this.networks[name] = { session, feeds };
      await session.run(feeds);
    }
  }

  /** An input of any values: the same arithmetic. @param {{ type: string, shape: number[] }} input */
  tensor({ type, shape }) {
    const n = shape.reduce((a, b) => a * b, 1);
    if (type === "int64") return new this.ort.Tensor(type, new BigInt64Array(n), shape);
    if (type === "bool") return new this.ort.Tensor(type, new Uint8Array(n), shape);
    return new this.ort.Tensor(type, Float32Array.from({ length: n }, (_, i) => Math.sin(i)), shape);
  }

  async round() {
    for (const [name, { session, feeds }] of Object.entries(this.networks)) {
      // On a GPU the answer is read back, as a picture is.
      this.times[name].push(await timed(async () => Object.values(await session.run(feeds))[0].getData()));
    }
  }

  /** @returns {Promise<Row>} */
  async row() {
    return { name: this.name, denoiser: median(this.times.denoiser), decoder: median(this.times.decoder) };
  }
}

/** @param {(words: string) => void} tell @returns {Promise<{ rows: Row[], missing: Record<string, string> }>} */
export async function measure(tell) {
  /** @type {(OfSegue | OfOnnxRuntime)[]} */
  const all = [new OfSegue("webgpu"), new OfSegue("cpu")];
  if (query.has("ort")) {
    const ort = await import(new URL(String(query.get("ort")), location.href).href);
    ort.env.wasm.numThreads = 1;
    all.push(new OfOnnxRuntime("webgpu", ort), new OfOnnxRuntime("wasm", ort));
  }
  const ready = [];
  /** @type {Record<string, string>} */
  const missing = {};
  for (const one of all) {
    tell(`loading: ${one.name}`);
    try {
      await one.load();
      ready.push(one);
    } catch (error) {
      missing[one.name] = asSegueError(error).message;
    }
  }
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of ready) {
      tell(`round ${round} of ${rounds}: ${one.name}`);
      await one.round();
    }
  }
  const rows = await Promise.all(ready.map((one) => one.row()));
  return { rows, missing };
}

/** @param {HTMLElement} table @param {Row[]} rows */
function show(table, rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "name");
  const line = (/** @type {string} */ tag, /** @type {(string | number)[]} */ cells) => {
    const row = document.createElement("tr");
    for (const [at, cell] of cells.entries()) {
      const node = document.createElement(at === 0 ? "th" : tag);
      node.textContent = String(cell);
      row.append(node);
    }
    return row;
  };
  const figure = (/** @type {number | string | undefined} */ value) => (typeof value === "number" ? value.toFixed(1) : "");
  table.replaceChildren(
    line("th", ["milliseconds, medians", ...rows.map((row) => row.name)]),
    ...names.map((name) => line("td", [name, ...rows.map((row) => figure(row[name]))])),
  );
}

const [button, status, table] = ["button", "[role=status]", "table"].map(
  (name) => /** @type {HTMLElement} */ (document.querySelector(name)),
);
button.addEventListener("click", async () => {
  button.setAttribute("disabled", "");
  try {
    const measured = await measure((words) => (status.textContent = words));
    show(table, measured.rows);
    status.textContent = Object.entries(measured.missing).map(([name, why]) => `${name}: ${why}`).join("; ");
    Object.assign(window, { measured });
  } catch (error) {
    status.textContent = String(error);
    Object.assign(window, { measured: { error: String(error) } });
  }
  button.removeAttribute("disabled");
});
