/** Drawing on a server, for browsers that cannot draw; docs/openapi.json describes its API. */

import { SegueError } from "./failure.js";
import { readMap, readPixels } from "./pixels.js";

/** The server's codes of errors that have words of their own. @type {Record<string, import("./protocol.d.ts").ErrorCode>} */
const CODES = { "bad-prompt": "bad-prompt", "bad-plan": "bad-plan", "bad-map": "bad-map", busy: "busy", "too-many": "busy", "timed-out": "busy" };

/** @param {string} base64 */
const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });

/** @param {Uint8Array} bytes */
const base64Of = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

export class Remote {
  /** @param {URL} base where the server's root lies */
  constructor(base) {
    this.base = base;
    /** @type {AbortController | undefined} */
    this.request = undefined;
  }

  /** Whether there is such a server. */
  async exists() {
    try {
      const response = await fetch(new URL("healthz", this.base));
      return response.ok && (await response.json()).status === "ok";
    } catch {
      return false;
    }
  }

  /**
   * @param {import("./protocol.d.ts").DrawRequest} request
   * @param {import("./studio/palette.js").Palette} palette
   * @returns {Promise<import("./protocol.d.ts").Result>}
   */
  async draw({ prompt, seed, steps = 4, plan, map, onEvent }, palette) {
    this.request = new AbortController();
    try {
      const response = await fetch(new URL("api/v1/generate", this.base), {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
        body: JSON.stringify({ prompt, seed, steps, plan, map: map && onWire(map) }),
        signal: this.request.signal,
      });
      if (!response.ok) throw failure((await response.json()).error);
      for await (const { event, data } of events(response)) {
        if (event === "progress") onEvent?.(data);
        if (event === "failed") throw failure(data.error);
        if (event === "done") return await resultOf(data, palette);
      }
      throw new SegueError("interrupted", "the server's answer was interrupted");
    } catch (error) {
      if (error instanceof SegueError) throw error;
      if (this.request.signal.aborted) throw new SegueError("cancelled", "cancelled");
      throw new SegueError("interrupted", String(error));
    } finally {
      this.request = undefined;
    }
  }

  /** The draw under way fails with the code `cancelled`; the server stops as well. */
  cancel() {
    this.request?.abort();
  }
}

/** A map as the server takes it. @param {import("./protocol.d.ts").SegMap} map */
const onWire = ({ width, height, classes, instances }) => ({
  width,
  height,
  classes: base64Of(classes),
  instances: base64Of(instances),
});

/** @param {{ code: string, message: string }} error */
const failure = ({ code, message }) => new SegueError(CODES[code] ?? "internal", message);

/** Server-sent events. @param {Response} response */
async function* events(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (/** @type {string} */ name) =>
        block.split("\n").filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim()).join("\n");
      if (field("data")) yield { event: field("event"), data: JSON.parse(field("data")) };
    }
  }
}

/**
 * @param {any} answer
 * @param {import("./studio/palette.js").Palette} palette
 * @returns {Promise<import("./protocol.d.ts").Result>}
 */
async function resultOf({ verdict, plan, image, segmap, instances, seconds }, palette) {
  const [picture, classes, objects] = [image, segmap, instances].map(blobOf);
  const milliseconds = Object.fromEntries(Object.entries(seconds).map(([stage, s]) => [stage, 1e3 * Number(s)]));
  return {
    verdict,
    plan,
    map: await readMap(classes, objects, palette),
    image: await readPixels(picture),
    judged: null,
    milliseconds: /** @type {any} */ (milliseconds),
    backend: "server",
    png: new Uint8Array(await picture.arrayBuffer()),
  };
}
