/** What the browser tests share: a server that can misbehave, and Chromium with or without WebGPU. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const ROOT = new URL("../../", import.meta.url).pathname;
export const DIST = process.env.SEGUE_DIST ?? join(ROOT, "dist");
/** Weights that the tests draw with; the page's own where they ship. */
export const WEIGHTS = process.env.SEGUE_TEST_WEIGHTS ?? join(DIST, "weights/tiny");
/** The command line. */
export const SEGUE = process.env.SEGUE_BIN ?? join(ROOT, "target/debug/segue");

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/**
 * Serves the built page under `/segue/`, the weights under `/segue/weights/tiny/`, pages of a test's
 * own, and folders by their name. `misbehave(path, response)` may answer in the server's place by
 * returning true.
 */
export async function serve({ pages = {}, folders = {}, misbehave = () => false, headers = {} } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    requests.push({ path: url.pathname, range: request.headers.range });
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "range");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    if (pages[url.pathname]) {
      return response.writeHead(200, { "Content-Type": "text/html" }).end(pages[url.pathname]);
    }
    const path = normalize(decodeURIComponent(url.pathname));
    const below = path.replace(/^\/segue\/?/, "");
    const weights = below.replace(/^weights\/tiny\//, "");
    const [, folder, name] = /^\/([^/]+)\/(.*)$/.exec(path) ?? [];
    let file = weights === below ? join(DIST, below || "index.html") : join(WEIGHTS, weights);
    if (folders[folder]) file = join(folders[folder], name);
    if (misbehave(below, request, response, file)) return undefined;
    const size = (await stat(file).catch(() => null))?.size;
    if (size === undefined) return response.writeHead(404).end();
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(from ?? 0);
    const type = { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Length": size - start };
    if (from) response.writeHead(206, { ...type, "Content-Range": `bytes ${start}-${size - 1}/${size}` });
    else response.writeHead(200, type);
    return createReadStream(file, { start }).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: `${origin}/segue/`,
    requests,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** Serves page and weights with `segue serve`, which also draws. */
export async function serveNatively() {
  const options = ["--addr", "127.0.0.1:0", "--dist", DIST, "--weights", WEIGHTS];
  const server = spawn(SEGUE, ["serve", ...options], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(server, "exit");
  const [line] = await Promise.race([
    once(server.stdout, "data"),
    ended.then(([code]) => Promise.reject(new Error(`segue serve ended with ${code}`))),
  ]);
  return {
    url: String(line).trim(),
    close: () => {
      server.kill("SIGKILL");
      return ended;
    },
  };
}

/** Headless Chromium with a profile of its own; WebGPU is SwiftShader's. */
export async function launch({ webgpu = false } = {}) {
  const profile = await mkdtemp(join(tmpdir(), "segue-browser-"));
  const flags = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  if (webgpu) flags.push("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader");
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    chromiumSandbox: false,
    args: flags,
    viewport: { width: 1440, height: 1000 },
    locale: "en-GB",
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Runs JavaScript in every worker of a page as it starts: a worker's own realm cannot be reached from here. */
export const inWorkers = (page, patch) =>
  page.addInitScript((patch) => {
    const { Worker } = window;
    window.Worker = class extends Worker {
      constructor(url, options) {
        const source = `import ${JSON.stringify(url)};\n${patch}`;
        super(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), options);
      }
    };
  }, patch);

/** A browser without SIMD, in a worker. */
export const NO_SIMD = "WebAssembly.validate = () => false;";

/** Waits until a draw has ended, well or not; returns the error's code, or null. */
export async function drawn(page, timeout = 120_000) {
  const studio = page.locator("segue-studio");
  await studio.locator('[data-testid="generate"]:visible').waitFor({ timeout });
  const error = studio.locator(".status [data-code]");
  return (await error.count()) ? error.getAttribute("data-code") : null;
}
