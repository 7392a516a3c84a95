/** The worker that owns wasm, the GPU and the weights. Its page talks to it through client.js. */

import { asSegueError, SegueError } from "./failure.js";
import { clearWeights, fetchFiles, fetchManifest } from "./weights.js";

/** @type {Promise<typeof import("./wasm/segue_web.js")> | undefined} */
let code;
/** What the code computes in. @type {WebAssembly.Memory | undefined} */
let memory;
/** @type {import("./wasm/segue_web.js").Studio | undefined} */
let studio;
/** @type {import("./protocol.d.ts").Backend} */
let backend = "cpu";
/** Numbers of requests that are to stop. @type {Set<number>} */
const cancelled = new Set();

/** A module with one SIMD instruction. */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

function loadCode() {
  code ??= (async () => {
    if (!WebAssembly.validate(SIMD)) {
      throw new SegueError("no-simd", "this browser's WebAssembly has no SIMD");
    }
    const module = await import("./wasm/segue_web.js");
    ({ memory } = await module.default());
    return module;
  })();
  code.catch(() => (code = undefined));
  return code;
}

/**
 * Whether the visitor's GPU will do, asked without wasm: an adapter that lacks what CubeCL takes
 * for granted would bring it down.
 * @returns {Promise<{ reason: import("./protocol.d.ts").BackendReason, detail: string }>}
 */
async function probe() {
  const gpu = /** @type {any} */ (navigator).gpu;
  if (!gpu) return { reason: "no-webgpu", detail: "" };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return { reason: "no-adapter", detail: "" };
    const { vendor = "", architecture = "" } = adapter.info ?? {};
    const detail = `${vendor} ${architecture}`.trim();
    if (!adapter.features.has("timestamp-query")) return { reason: "no-timestamps", detail };
    return { reason: "ok", detail };
  } catch (error) {
    return { reason: "no-adapter", detail: String(error) };
  }
}

/**
 * @param {{ weights: string, backend: "auto" | import("./protocol.d.ts").Backend, variant?: string }} args
 * @param {(progress: import("./protocol.d.ts").LoadProgress) => void} tell
 * @returns {Promise<import("./protocol.d.ts").LoadInfo>}
 */
async function load(args, tell) {
  const start = performance.now();
  tell({ stage: "code" });
  const { Weights } = await loadCode();
  const base = new URL(args.weights.endsWith("/") ? args.weights : `${args.weights}/`);
  const weights = new Weights(await fetchManifest(new URL("manifest.json", base)));
  if (args.variant) {
    weights.withVariant(await fetchManifest(new URL(`${args.variant}/manifest.json`, base)));
  }
  const needed = /** @type {any[]} */ (weights.needed()).filter((file) => !file.optional);
  const files = needed.map((file) => ({ ...file, url: new URL(file.path, base) }));
  const { fromCache, warnings } = await fetchFiles(files, {
    take: (index, bytes) => weights.add(files[index].path, bytes),
    onProgress: (bytes, total) => tell({ stage: "weights", bytes, total }),
  });
  tell({ stage: "device" });
  /** @type {{ reason: import("./protocol.d.ts").BackendReason, detail: string }} */
  let found = args.backend === "cpu" ? { reason: "asked", detail: "" } : await probe();
  if (found.reason === "ok" && !weights.onWebGpu) found = { ...found, reason: "not-built" };
  studio?.free();
  studio = undefined;
  if (found.reason === "ok") {
    try {
      studio = await weights.onWebGpu();
      backend = "webgpu";
    } catch (error) {
      found = { reason: "wrong-numbers", detail: asSegueError(error).message };
    }
  }
  if (!studio) {
    tell({ stage: "networks" });
    studio = weights.onCpu();
    backend = "cpu";
  }
  const info = {
    backend,
    ...found,
    identity: weights.identity(),
    preset: weights.preset(),
    imageSize: weights.imageSize(),
    fromCache,
    warnings,
    seconds: (performance.now() - start) / 1000,
  };
  weights.free();
  return info;
}

/** @param {any} args @param {number} id @param {(event: any) => void} tell */
async function draw(args, id, tell) {
  const { plan, ...rest } = args;
  const request = { ...rest, plan: plan && JSON.stringify(plan) };
  /** Between two steps the page's messages come in; one of them may be to stop. */
  const onEvent = async (/** @type {any} */ event) => {
    tell(event);
    await new Promise((resolve) => setTimeout(resolve));
    return !cancelled.has(id);
  };
  const result = await ready().draw(request, onEvent);
  return {
    ...result,
    verdict: JSON.parse(result.verdict),
    plan: JSON.parse(result.plan),
    milliseconds: Object.fromEntries(result.milliseconds),
    backend,
  };
}

function ready() {
  if (!studio) throw new SegueError("internal", "weights must be loaded first");
  return studio;
}

/** @type {Record<string, (args: any, id: number, tell: (event: any) => void) => Promise<any>>} */
const operations = {
  code: async () => JSON.parse((await loadCode()).palette()),
  load: (args, _, tell) => load(args, tell),
  parse: async ({ prompt }) => JSON.parse((await loadCode()).parse(prompt)),
  check: async ({ prompt, plan, map }) =>
    JSON.parse((await loadCode()).check(prompt, JSON.stringify(plan), map)),
  plan: async ({ prompt, seed, plans }) => {
    const { plan, verdict } = await ready().plan(prompt, seed, plans);
    return { plan: JSON.parse(plan), verdict: JSON.parse(verdict) };
  },
  map: async ({ prompt, plan }) => {
    const { map, verdict } = await ready().map(prompt, JSON.stringify(plan));
    return { map, verdict: JSON.parse(verdict) };
  },
  draw,
  memory: async () => memory?.buffer.byteLength ?? 0,
  clear: clearWeights,
};

self.addEventListener("message", async ({ data: { id, op, args, cancel } }) => {
  if (cancel !== undefined) {
    cancelled.add(cancel);
    return;
  }
  try {
    const value = await operations[op](args, id, (event) => self.postMessage({ id, event }));
    self.postMessage({ id, value });
  } catch (error) {
    const { code, message } = asSegueError(error);
    self.postMessage({ id, error: { code, message } });
  } finally {
    cancelled.delete(id);
  }
});
